import { describe, expect, it } from 'vitest';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { brokerSettings } from '../broker/settings/setting-table.ts';
import { run as check } from './check.ts';
import { run as main } from './main.ts';

describe('words that cannot be understood', () => {
  it.each([
    [['check', '--conf-fle', 'flume.conf'], 'Did you mean --conf-file?'],
    [['check', '--conf-fle=flume.conf'], 'Did you mean --conf-file?'],
    [['check'], 'no file was given'],
    [['start', '--lisen', 'x'], 'Did you mean --listen?'],
    [['start', 'conf/flume.conf'], 'Did you mean -f conf/flume.conf?'],
    [['broker', '--memmory'], 'Did you mean --memory?'],
    [['broker', 'extra'], "no words beside its options: 'extra'"],
    [['agent', '-q'], 'See millrace agent --help.'],
    [['strat'], "did you mean 'start'?"],
  ])('millrace %j', async (argv, words) => {
    const { code, stdout, stderr } = await runCli(main, argv);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('help', () => {
  const commands = ['start', 'agent', 'broker', 'check', 'version', 'kafka-topics', 'kafka-consumer-groups'];
  it.each([...commands, 'kafka-console-consumer', 'kafka-console-producer'])(
    '%s has examples',
    async (name) => {
      const { code, stdout } = await runCli(main, [name, '--help']);
      expect(code).toBe(0);
      const [, examples = ''] = stdout.split('Examples:\n');
      expect(
        examples.split('\n').filter((line) => line.startsWith(`  millrace ${name}`)).length,
      ).toBeGreaterThan(0);
    },
  );

  it.each([64, 72, 80, 300])('fits %i columns', async (columns) => {
    const { stdout } = await runCli(main, ['start', '--help'], { changes: { columns } });
    const [text = ''] = stdout.split('Examples:');
    const widest = Math.max(...text.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(Math.min(columns, 100));
  });

  it('of the broker lists every setting that --set takes, with its default', async () => {
    const { stdout } = await runCli(main, ['broker', '--help']);
    for (const { name, default: fallback } of brokerSettings) {
      expect(stdout).toContain(`\n  ${name}${fallback === undefined ? '\n' : `=${fallback}\n`}`);
    }
  });

  it('is coloured where that is wanted, and nowhere else', async () => {
    expect((await runCli(main, ['start', '--help'], { changes: { color: true } })).stdout).toContain(
      '\u001b[',
    );
    expect((await runCli(main, ['start', '--help'])).stdout).not.toContain('\u001b[');
    const wrong = (changes: object) => runCli(check, ['--nothing'], { changes });
    expect((await wrong({ errorColor: true })).stderr).toContain('\u001b[31m');
    expect((await wrong({ errorColor: false, color: true })).stderr).not.toContain('\u001b[');
  });
});
