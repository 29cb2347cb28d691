/** Bytes that Flume's file channel did not write so, or that were damaged since. Says what is wrong, not where: its caller knows the file. */
export class NotFlumeLog extends Error {
  override readonly name = 'NotFlumeLog';
}
