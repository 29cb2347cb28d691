import { describe, expect, it } from 'vitest';
import type { Channel } from '../../component/channel.ts';
import type { SelectorDefinition } from '../../component/define.ts';
import type { Route } from '../../component/selector.ts';
import { contextFor } from '../../component/testing/context.ts';
import { bodiesOf } from '../../component/testing/test-api.ts';
import { TestChannel } from '../../component/testing/test-channel.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { balanced, loadBalancingSelector } from './load-balancing-selector.ts';
import { multiplexingSelector } from './multiplexing-selector.ts';
import { replicatingSelector } from './replicating-selector.ts';

const channels = ['c1', 'c2', 'c3'].map((name) => new TestChannel(name));

function selector(definition: SelectorDefinition, properties: Record<string, string>) {
  return definition.create({ ...contextFor(definition, properties), channels });
}

/** Events with the header st, given as `value=body`; `=body` has an empty value, `body` has none. */
function events(...texts: string[]): EventBatch {
  const builder = new BatchBuilder();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 0) builder.add(text);
    else builder.add(text.slice(at + 1), [['st', text.slice(0, at)]]);
  }
  return builder.build();
}

/** Channel → bodies; an optional channel has a `?` behind its name. */
function table(routes: readonly Route[]): Record<string, string> {
  const result: Record<string, string> = {};
  const add = (list: readonly Channel[], mark: string, batch: EventBatch) => {
    for (const { name } of list) result[`${name}${mark}`] = bodiesOf(batch).join(' ');
  };
  for (const { batch, required, optional } of routes) {
    add(required, '', batch);
    add(optional, '?', batch);
  }
  return result;
}

describe('replicating', () => {
  it('sends the same batch to every channel', () => {
    const batch = events('a', 'b');
    const [route] = selector(replicatingSelector, {}).select(batch);
    expect(route).toEqual({ batch, required: channels, optional: [] });
    expect(route?.batch).toBe(batch);
  });

  it('knows optional channels', () => {
    const routes = selector(replicatingSelector, { optional: 'c3 c1' }).select(events('a'));
    expect(table(routes)).toEqual({ c2: 'a', 'c1?': 'a', 'c3?': 'a' });
  });
});

describe('multiplexing', () => {
  const golden = { header: 'st', 'mapping.CZ': 'c1', 'mapping.US': 'c2 c3', default: 'c3' };

  it('E4: goes by the header, exactly; missing, blank and unmapped values go the default way', () => {
    const batch = events('CZ=1', 'US=2', 'cz=3', '=4', '5', ' CZ =6', 'CZ=7');
    expect(table(selector(multiplexingSelector, golden).select(batch))).toEqual({
      c1: '1 7',
      c2: '2',
      c3: '2 3 4 5 6',
    });
  });

  it('E4: without a default those events go nowhere', () => {
    const { default: _, ...mapped } = golden;
    const routes = selector(multiplexingSelector, mapped).select(events('cz=1', '=2', '3', ' CZ =4'));
    expect(routes).toEqual([]);
  });

  it('E4: an optional channel that is required for the value is required', () => {
    const routes = selector(multiplexingSelector, { ...golden, 'optional.CZ': 'c1 c2' }).select(
      events('CZ=1'),
    );
    expect(table(routes)).toEqual({ c1: '1', 'c2?': '1' });
  });

  it('takes the default where a value has optional channels only', () => {
    const routes = selector(multiplexingSelector, { ...golden, 'optional.DE': 'c1 c3' }).select(
      events('DE=1'),
    );
    expect(table(routes)).toEqual({ c3: '1', 'c1?': '1' });
  });

  it('looks at the shared header once, and hands the batch on as it is', () => {
    const batch = events('a', 'b').withSharedHeaders(new Map([['st', 'US']]));
    const routes = selector(multiplexingSelector, golden).select(batch);
    expect(routes).toHaveLength(1);
    expect(routes[0]?.batch).toBe(batch);
    expect(table(routes)).toEqual({ c2: 'a b', c3: 'a b' });
  });

  it('lets an event’s own header win over the shared one', () => {
    const batch = events('CZ=1', '2').withSharedHeaders(new Map([['st', 'US']]));
    expect(table(selector(multiplexingSelector, golden).select(batch))).toEqual({
      c1: '1',
      c2: '2',
      c3: '2',
    });
  });

  it('makes no copy where all events go one way', () => {
    const batch = events('CZ=1', 'CZ=2');
    const routes = selector(multiplexingSelector, golden).select(batch);
    expect(routes[0]?.batch).toBe(batch);
  });

  it('keeps the headers of the events that it parts', () => {
    const [route] = selector(multiplexingSelector, golden).select(events('CZ=1', 'US=2', 'CZ=3'));
    expect([...route!.batch].map((event) => event.header('st'))).toEqual(['CZ', 'CZ']);
  });

  it('knows values with dots', () => {
    const routes = selector(multiplexingSelector, { header: 'st', 'mapping.192.168.0.101': 'c1' });
    expect(table(routes.select(events('192.168.0.101=1', '192=2')))).toEqual({ c1: '1' });
  });

  it.each([
    [{ default: 'c9' }, 'c9'],
    [{ 'mapping.CZ': 'c2,c3' }, 'c2,c3'],
    [{ 'optional.CZ': 'c8' }, 'c8'],
  ])('E4: refuses %o', (properties, name) => {
    expect(() => selector(multiplexingSelector, properties as Record<string, string>)).toThrow(
      `Selector channel not found: ${name}`,
    );
  });
});

describe('load_balancing', () => {
  it('sends each event to the next channel, over the ends of batches', () => {
    const turns = selector(loadBalancingSelector, {});
    expect(table(turns.select(events('1', '2', '3', '4')))).toEqual({ c1: '1 4', c2: '2', c3: '3' });
    expect(table(turns.select(events('5')))).toEqual({ c2: '5' });
    expect(table(turns.select(events('6', '7')))).toEqual({ c1: '7', c3: '6' });
  });

  it('hands a single event on as it is, and keeps the headers of those that it parts', () => {
    const turns = selector(loadBalancingSelector, { policy: 'Round_Robin' });
    const one = events('CZ=1');
    expect(turns.select(one)[0]?.batch).toBe(one);
    const [route] = turns.select(events('US=2', 'DE=3', 'AT=4', 'US=5'));
    expect([...route!.batch].map((event) => event.header('st'))).toEqual(['AT']);
  });

  it('sends every event to just one channel at random, to each about as often', () => {
    const any = selector(loadBalancingSelector, { policy: 'random' });
    const bodies = Array.from({ length: 3000 }, (_, i) => `${i}`);
    const routes = any.select(events(...bodies));
    const sent = routes.map(({ batch }) => bodiesOf(batch));
    expect(sent.flat().sort()).toEqual([...bodies].sort());
    for (const part of sent) {
      expect(part.length).toBeGreaterThan(800);
      expect(part).toEqual([...part].sort((a, b) => Number(a) - Number(b)));
    }
  });

  it('is none of another channel where all turns are one channel', () => {
    const routes = balanced(channels, () => 1).select(events('1', '2'));
    expect(table(routes)).toEqual({ c2: '1 2' });
  });

  it('refuses another policy', () => {
    expect(() => selector(loadBalancingSelector, { policy: 'nosuch' })).toThrow(
      '"nosuch" is none of round_robin, random',
    );
  });
});
