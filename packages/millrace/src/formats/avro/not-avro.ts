/** Bytes that are no Avro, or none that can be read here. Says what is wrong, not where: its caller knows the file. */
export class NotAvro extends Error {
  override readonly name = 'NotAvro';
}
