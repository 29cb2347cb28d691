import { realFiles } from '../../runtime/files.ts';
import type { BrokerSettings } from '../settings/settings.ts';
import { AclStore } from './acl-store.ts';
import { AuditLog } from './audit-log.ts';
import { addFirstUsers } from './first-users.ts';
import { ScramStore } from './scram-store.ts';

export interface OpenSecurity {
  readonly scram: ScramStore;
  /** Null: no authorizer. */
  readonly acls: AclStore | null;
  readonly audit: AuditLog | null;
}

/** Who is known, what they may do, and where that is noted: what the data folder has of it, and the settings. */
export async function openSecurity(settings: BrokerSettings, dir: string): Promise<OpenSecurity> {
  const { files, logger, now, authorizer, auditLog } = settings;
  const scram = new ScramStore(files, dir);
  await addFirstUsers(settings, scram);
  const acls = authorizer === undefined ? null : new AclStore(files, dir, authorizer);
  const audit =
    auditLog === undefined ? null : new AuditLog({ files: realFiles, path: auditLog, logger, now });
  return { scram, acls, audit };
}
