#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { useCompileCache } from './compile-cache.mjs';

// From a checkout the sources run as they are, which takes the Node that the project pins; a published package has
// them compiled.
const source = new URL('../src/cli/main.ts', import.meta.url);
const wantedMajor = existsSync(source) ? 26 : 22;
if (Number(process.versions.node.split('.')[0]) < wantedMajor) {
  console.error(
    `millrace needs Node ${wantedMajor} or newer; this is ${process.version} (${process.execPath}).`,
  );
  process.exit(69);
}
useCompileCache();
const { run } = await import(existsSync(source) ? source.href : '../dist/cli/main.js');
process.exitCode = await run(process.argv.slice(2));
