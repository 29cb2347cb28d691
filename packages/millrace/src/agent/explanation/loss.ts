import type { Origin } from '../../component/promises.ts';
import type { ChannelModel, SourceModel } from '../model.ts';
import type { Statement } from './explanation.ts';

/** Who lets go of an event once a channel has it. */
const letGo: Readonly<Record<Exclude<Origin, 'made'>, string>> = {
  rereads: 'the source goes on from where the channel had them',
  sender: 'their senders were told that they had arrived',
  nobody: 'nobody else has them',
};

/** What is lost before any channel has it; null: nothing, or nothing is known. */
export function lossBefore({ name, definition, options }: SourceModel): Statement | null {
  const came = definition.promises?.(options);
  if (came?.origin !== 'nobody') return null;
  return {
    where: `source ${name}`,
    text: 'when the process is killed, what had come and was in no channel yet is lost: nobody sends it again',
    ...(came.safer === undefined ? {} : { instead: came.safer }),
  };
}

/** What a channel loses that nobody brings again; null: nothing, or nothing is known. */
export function lossBetween(source: SourceModel, channel: ChannelModel): Statement | null {
  const came = source.definition.promises?.(source.options);
  const held = channel.definition.promises?.(channel.options);
  const where = `source ${source.name} and channel ${channel.name}`;
  if (came === undefined)
    return { where, text: 'it is not known who still has an event that the channel loses' };
  if (held === undefined) return { where, text: 'it is not known what events in the channel survive' };
  if (held.survives === 'power cut' || came.origin === 'made') return null;
  if (came.origin === 'rereads' && came.until === 'delivered') return null;
  const when =
    held.survives === 'kill' ? 'the machine loses power' : 'the process is killed or the machine loses power';
  const instead = [held.safer, came.origin === 'rereads' ? came.safer : undefined].filter(
    (text) => text !== undefined,
  );
  return {
    where,
    text: `when ${when}, the events that are in channel ${channel.name} are lost${amount(channel)}: ${letGo[came.origin]}`,
    ...(instead.length === 0 ? {} : { instead: instead.join(', or ') }),
  };
}

function amount({ options }: ChannelModel): string {
  const { capacity } = options;
  return typeof capacity === 'number'
    ? `, up to ${capacity.toLocaleString('en')} of them and those on their way`
    : '';
}
