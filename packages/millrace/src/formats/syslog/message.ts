/**
 * Where the parts of one syslog message lie in its bytes; one object is filled again for each message. A part from = to
 * is not there.
 */
export class SyslogMessage {
  /** facility * 8 + severity; -1: the message has no priority that can be read. */
  priority = -1;
  /** Its digits. */
  priorityFrom = 0;
  priorityTo = 0;
  /** Whether what follows the priority was understood; the parts below are there only then. */
  understood = false;
  versionFrom = 0;
  versionTo = 0;
  stampFrom = 0;
  stampTo = 0;
  /** What the stamp says, Unix ms; NaN: nothing. */
  timestampMs = Number.NaN;
  hostFrom = 0;
  hostTo = 0;
  /** The host in UTF-8, where its bytes are in another charset; else null. */
  host: Buffer | null = null;
  bodyFrom = 0;
  bodyTo = 0;

  clear(): void {
    this.priority = -1;
    this.priorityFrom = this.priorityTo = 0;
    this.understood = false;
    this.versionFrom = this.versionTo = 0;
    this.stampFrom = this.stampTo = 0;
    this.timestampMs = Number.NaN;
    this.hostFrom = this.hostTo = 0;
    this.host = null;
    this.bodyFrom = this.bodyTo = 0;
  }
}
