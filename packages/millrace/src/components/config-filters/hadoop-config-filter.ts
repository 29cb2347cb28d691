import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfigFilter } from '../../component/define.ts';
import { opt } from '../../config/options.ts';
import { Jceks, JceksError } from '../../formats/jceks/jceks.ts';
import { errorText, explainFileError } from '../../runtime/errors.ts';

/** What Hadoop takes where nobody gives one. */
const usualPassword = 'none';
const passwordVariable = 'HADOOP_CREDSTORE_PASSWORD';

export const hadoopConfigFilter = defineConfigFilter({
  type: 'hadoop',
  classNames: ['org.apache.flume.configfilter.HadoopCredentialStoreConfigFilter'],
  summary: "The secret that the key names, of Hadoop's credential stores (`hadoop credential create`).",
  example: `
a1.configfilters = f1
a1.configfilters.f1.type = hadoop
a1.configfilters.f1.credential.provider.path = jceks://file/etc/flume/secrets.jceks
# a value of the agent may then be: \${f1["db.password"]}
`,
  differs: [
    'Stores are files of this machine, `jceks://file/PATH` and `localjceks://file/PATH`; those in HDFS, `user:` and `bcfks:` are told and passed over.',
    "The password file is looked for where the process runs, Flume's on the class path.",
    'A name that no store has stays unresolved; Hadoop would look into its own configuration files, too.',
  ],
  options: {
    'credential.provider.path': opt.string({
      doc: 'The stores, separated by commas; the first one that has the name counts.',
      required: true,
    }),
    'credstore.java-keystore-provider.password-file': opt.path({
      doc: `The file with the password of the stores; the environment variable ${passwordVariable} goes before it, \`none\` stands for both.`,
    }),
  },
  create: ({ name, env, options }) => {
    let stores: Promise<readonly Store[]> | null = null;
    const passwordFile = options['credstore.java-keystore-provider.password-file'];
    const open = async (): Promise<readonly Store[]> => {
      const password = env[passwordVariable] ?? (await passwordOf(passwordFile));
      const paths = options['credential.provider.path'].split(',').map((path) => path.trim());
      return Promise.all(paths.filter((path) => path !== '').map((path) => openStore(path, password)));
    };
    return {
      async resolve(key) {
        const faults: string[] = [];
        try {
          stores ??= open();
          for (const { path, store } of await stores) {
            if (typeof store === 'string') faults.push(`${path}: ${store}`);
            else {
              const secret = secretOf(store, key);
              if (Buffer.isBuffer(secret)) return { value: secret.toString('utf8') };
              if (secret !== null) faults.push(`${path}: ${secret}`);
            }
          }
        } catch (error) {
          faults.push(errorText(error));
        }
        const why = faults.length === 0 ? 'no store of it has that name' : faults.join('; ');
        return { fault: `configfilter ${name} has no ${key}: ${why}` };
      },
    };
  },
});

interface Store {
  readonly path: string;
  /** Or why it can't be had. */
  readonly store: Jceks | string;
}

async function openStore(path: string, password: string): Promise<Store> {
  const file = /^(?:local)?jceks:\/\/file(\/.*)$/.exec(path)?.[1];
  if (file === undefined)
    return { path, store: 'only jceks://file/PATH and localjceks://file/PATH are read here' };
  try {
    return { path, store: new Jceks(await readFile(fileURLToPath(`file://${file}`)), password) };
  } catch (error) {
    if (!(error instanceof JceksError)) return { path, store: errorText(explainFileError(error)) };
    const remedy = error.kind === 'password' ? ` (${passwordVariable}, or the password file)` : '';
    return { path, store: `${error.message}${remedy}` };
  }
}

/** The secret, null where the store has none of that name, or why it can't be had. */
function secretOf(store: Jceks, key: string): Buffer | string | null {
  try {
    return store.secret(key);
  } catch (error) {
    return errorText(error);
  }
}

async function passwordOf(file: string | undefined): Promise<string> {
  if (file === undefined || file === '') return usualPassword;
  try {
    return (await readFile(resolve(file), 'utf8')).trim();
  } catch (error) {
    throw explainFileError(error);
  }
}
