import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';

export const saslAuthenticate = defineHandler(
  messages.saslAuthenticate,
  [],
  ({ authBytes }, { login, version }) => login.authenticate(authBytes, version),
);
