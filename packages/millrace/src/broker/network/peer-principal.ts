import type { TLSSocket } from 'node:tls';
import { subjectName } from '../../net/tls/distinguished-name.ts';
import { errorText } from '../../runtime/errors.ts';
import { anonymous, type Principal } from '../security/access.ts';
import type { PrincipalRules } from '../security/principal-rules.ts';
import type { ListenerTls } from '../settings/listener-settings.ts';

/** Whose certificate a connection has shown, or why it is not taken. `rules` null: who it is its login says. */
export function peerPrincipal(
  socket: TLSSocket,
  clientAuth: ListenerTls['clientAuth'],
  rules: PrincipalRules | null,
): Principal | { readonly why: string } {
  if (clientAuth === 'none') return anonymous;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return clientAuth === 'requested' ? anonymous : { why: 'there is none' };
  }
  if (!socket.authorized) return { why: errorText(socket.authorizationError ?? 'nobody vouches for it') };
  if (rules === null) return anonymous;
  try {
    const subject = subjectName(certificate);
    const name = rules.nameOf(subject);
    return name === null ? { why: `no rule of ssl.principal.mapping.rules fits ${subject}` } : `User:${name}`;
  } catch (error) {
    return { why: errorText(error) };
  }
}
