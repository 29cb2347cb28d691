export interface RunChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Gives the program a process group of its own: it sees each signal once. */
  readonly ownGroup?: boolean;
}
export function runChild(command: string, args: readonly string[], options?: RunChildOptions): Promise<number>;
