import { SimClient, SimServer } from '../../../packages/testkit/src/sim/sim-net.ts';
import { askFor } from './admin-actions.ts';
import { type SimMember, shares } from './group-promises.ts';
import { keptName } from './names.ts';
import type { BrokerWorld } from './world.ts';

/** Error codes that say that nothing was stored, for good. */
const refusedForGood = new Set([22, 25, 82]);

/** By a client without a group: to a group of its own. */
export function commit(world: BrokerWorld, random: () => number): void {
  const groupId = `g${Math.floor(random() * 2)}`;
  commitAs(world, groupId, random, null);
}

/** By a member: mostly what it should, at times with the generation before, or the id that it had once. */
export function memberCommit(world: BrokerWorld, random: () => number): void {
  const member = drawMember(world, random, ({ generationId }) => generationId > 0);
  if (member === undefined) return;
  const isOld = random() < 0.25;
  commitAs(world, member.groupId, random, {
    member,
    generationId: isOld ? member.generationId - 1 : member.generationId,
  });
}

function commitAs(
  world: BrokerWorld,
  groupId: string,
  random: () => number,
  by: { readonly member: SimMember; readonly generationId: number } | null,
): void {
  if (world.committing.has(groupId)) return;
  if (world.promises.live().every(({ name }) => name !== keptName)) {
    askFor(world, random, keptName);
    return;
  }
  const offset = ++world.serial;
  const credentials =
    by === null ? null : world.groups.credentials(by.member, by.member.memberId, by.generationId);
  world.detail(`${groupId} ${offset}${by === null ? '' : ` by ${short(by.member)} of ${by.generationId}`}`);
  world.committing.add(groupId);
  world.promises.commitSent(groupId, offset);
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }];
  world.client(random).send(
    'offsetCommit',
    9,
    {
      groupId,
      ...(by === null || credentials === null
        ? {}
        : {
            generationIdOrMemberEpoch: credentials.generationId,
            memberId: credentials.memberId,
            groupInstanceId: by.member.instanceId,
          }),
      topics: [{ name: keptName, partitions }],
    },
    world.hear(({ topics }) => {
      world.committing.delete(groupId);
      const { errorCode } = topics[0]!.partitions[0]!;
      world.trace.push(`    ${groupId} ${offset}: ${errorCode === 0 ? 'committed' : `error ${errorCode}`}`);
      if (errorCode === 0) world.promises.commitAcknowledged(groupId, offset);
      else if (refusedForGood.has(errorCode)) world.promises.commitRefused(groupId, offset);
      if (credentials !== null) world.groups.answered('commit', groupId, credentials, errorCode);
    }),
  );
}

/** A new member, a static one that comes back without its id, or one that joins again. */
export function join(world: BrokerWorld, random: () => number): void {
  const known = random() < 0.5 ? drawMember(world, random, ({ isJoining }) => !isJoining) : undefined;
  const member = known ?? newMember(world, random);
  if (member.isJoining) return;
  const comesBack = member.instanceId !== null && random() < 0.4;
  joinAs(world, random, member, comesBack ? '' : member.memberId);
}

function joinAs(world: BrokerWorld, random: () => number, member: SimMember, asId: string): void {
  const before = member.memberId;
  member.isJoining = true;
  world.detail(`${short(member)}${before !== asId ? ' without its id' : ''}`);
  // A connection of its own: what waits behind it in order would wait with it.
  const client = new SimClient(SimServer.current!);
  world.clients.push(client);
  client.send(
    'joinGroup',
    5,
    {
      groupId: member.groupId,
      memberId: asId,
      groupInstanceId: member.instanceId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
    },
    world.hear(({ errorCode, memberId, generationId, members }) => {
      member.isJoining = false;
      world.trace.push(
        `    ${short(member)}: ${errorCode === 0 ? `in ${generationId}` : `error ${errorCode}`}`,
      );
      if (errorCode === memberIdRequired) {
        member.memberId = memberId;
        joinAs(world, random, member, memberId);
      }
      // Unknown, or fenced: as a client does, it begins anew.
      if (errorCode === unknownMember || errorCode === fenced) member.memberId = '';
      if (errorCode !== 0) return;
      if (before !== '' && before !== memberId) world.groups.isOver(member.groupId, before);
      member.memberId = memberId;
      member.generationId = generationId;
      member.sharers = members.length === 0 ? null : members.map((each) => each.memberId);
      world.groups.joined(member.groupId, generationId);
      // Others are drawn for it later, or never.
      if (random() < 0.6) syncAs(world, random, member);
    }),
  );
}

const memberIdRequired = 79;
const unknownMember = 25;
const fenced = 82;
const rebalancing = 27;

function newMember(world: BrokerWorld, random: () => number): SimMember {
  const groupId = `m${Math.floor(random() * 2)}`;
  const instanceId = random() < 0.4 ? `${groupId}-static${Math.floor(random() * 2)}` : null;
  const there = world.members.find((each) => instanceId !== null && each.instanceId === instanceId);
  if (there !== undefined) return there;
  const member: SimMember = {
    groupId,
    instanceId,
    memberId: '',
    generationId: 0,
    sharers: null,
    isJoining: false,
    isSyncing: false,
  };
  world.members.push(member);
  return member;
}

/** Leaders share out; a member that is not drawn for it never syncs. */
export function sync(world: BrokerWorld, random: () => number): void {
  const member = drawMember(
    world,
    random,
    ({ generationId, isJoining, isSyncing }) => generationId > 0 && !isJoining && !isSyncing,
  );
  if (member !== undefined) syncAs(world, random, member);
}

function syncAs(world: BrokerWorld, random: () => number, member: SimMember): void {
  const { groupId, memberId, generationId, instanceId, sharers } = member;
  // Every leader shares out in another way: what another generation was given shows.
  const turn = Math.floor(random() * shares.length);
  const assignments = (sharers ?? []).map((each, i) => ({
    memberId: each,
    assignment: Buffer.from(shares.filter((_, at) => (at + turn) % sharers!.length === i).join()),
  }));
  const credentials = world.groups.credentials(member, memberId, generationId);
  member.isSyncing = true;
  world.detail(`${short(member)} of ${generationId}${sharers === null ? '' : ' as leader'}`);
  const client = new SimClient(SimServer.current!);
  world.clients.push(client);
  client.send(
    'syncGroup',
    3,
    { groupId, generationId, memberId, groupInstanceId: instanceId, assignments },
    world.hear(({ errorCode, assignment }) => {
      member.isSyncing = false;
      const text = assignment.toString();
      world.trace.push(`    ${short(member)}: ${errorCode === 0 ? `owns ${text}` : `error ${errorCode}`}`);
      world.groups.answered('sync', groupId, credentials, errorCode);
      if (errorCode !== 0 || member.memberId !== memberId) return;
      world.groups.synced(member, generationId, text === '' ? [] : text.split(','));
    }),
  );
}

export function heartbeat(world: BrokerWorld, random: () => number): void {
  const member = drawMember(world, random, ({ generationId }) => generationId > 0);
  if (member === undefined) return;
  const { groupId, memberId, generationId, instanceId } = member;
  const credentials = world.groups.credentials(member, memberId, generationId);
  world.detail(`${short(member)} of ${generationId}`);
  world.client(random).send(
    'heartbeat',
    3,
    { groupId, memberId, generationId, groupInstanceId: instanceId },
    world.hear(({ errorCode }) => {
      world.groups.answered('heartbeat', groupId, credentials, errorCode);
      if (errorCode === rebalancing && !member.isJoining && member.memberId === memberId)
        joinAs(world, random, member, memberId);
    }),
  );
}

export function leave(world: BrokerWorld, random: () => number): void {
  const member = drawMember(world, random, ({ memberId, isJoining }) => memberId !== '' && !isJoining);
  if (member === undefined) return;
  const { groupId, memberId, instanceId } = member;
  world.detail(short(member));
  world.client(random).send(
    'leaveGroup',
    3,
    { groupId, members: [{ memberId, groupInstanceId: instanceId }] },
    world.hear(({ errorCode, members }) => {
      if (errorCode === 0 && members[0]!.errorCode === 0) world.groups.isOver(groupId, memberId);
    }),
  );
}

function drawMember(
  world: BrokerWorld,
  random: () => number,
  isWanted: (member: SimMember) => boolean,
): SimMember | undefined {
  const wanted = world.members.filter(isWanted);
  return wanted[Math.floor(random() * wanted.length)];
}

function short({ groupId, instanceId, memberId }: SimMember): string {
  return `${instanceId ?? groupId} ${memberId.slice(-4)}`;
}
