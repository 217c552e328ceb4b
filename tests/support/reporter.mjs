// A reporter for node:test: one JSON line for each test, with the reason of a failure or a skip.
// Suites and files are not tests; they are counted only when they fail without a failing test, or
// are skipped, tests and all.
import { Transform } from 'node:stream';

const reasonOf = (data) => {
  const error = data.details?.error;
  return String(error?.cause?.stack ?? error?.cause ?? error?.message ?? error ?? '');
};

export default new Transform({
  writableObjectMode: true,
  transform(event, _encoding, done) {
    const data = event.data;
    if (event.type !== 'test:pass' && event.type !== 'test:fail') return done();
    const error = data.details?.error;
    const isContainer = data.details?.type === 'suite' || data.nesting === undefined;
    const onlyPassesOn = error?.failureType === 'subtestsFailed';
    const skip = data.skip ?? data.todo;
    const isSkipped = skip !== undefined && skip !== false;
    if (onlyPassesOn || (isContainer && event.type === 'test:pass' && !isSkipped)) return done();
    // Node 18 reports each file as a test of its own around the file's tests.
    if (event.type === 'test:pass' && String(data.name).endsWith('.test.ts')) return done();
    let state = event.type === 'test:pass' ? 'passed' : 'failed';
    let reason = state === 'failed' ? reasonOf(data) : '';
    if (isSkipped) {
      state = 'skipped';
      reason = typeof skip === 'string' && skip !== '' ? skip : 'no reason given';
    }
    done(null, JSON.stringify({ name: String(data.name), state, reason }) + '\n');
  },
});
