/** Loaded before tests: where the seed of a whole run is given, each property draws from it, too. */
import fc from 'fast-check';
import { seedOfRun } from '../../../millrace/src/component/testing/chance.ts';

if (process.env.MILLRACE_FIRST_SEED)
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedOfRun('properties') });
