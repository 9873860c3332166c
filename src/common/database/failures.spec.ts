import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { databaseFailure, isContention, OutcomeUnknown } from './failures.js';

const withCode = (code: string, more: object = {}): Error => Object.assign(new Error('failed'), { code, ...more });

describe('a failure of the database', () => {
  it.each([
    ['57P01', 'unavailable'],
    ['57P02', 'unavailable'],
    ['57P03', 'unavailable'],
    ['08000', 'unavailable'],
    ['08006', 'unavailable'],
    ['08P01', 'unavailable'],
    ['28P01', 'unavailable'],
    ['3D000', 'unavailable'],
    ['25P03', 'unavailable'],
    ['58030', 'unavailable'],
    ['53100', 'exhausted'],
    ['53200', 'exhausted'],
    ['53300', 'exhausted'],
    ['25006', 'read-only'],
    ['57014', 'timeout'],
    ['55P03', 'locked'],
    ['40P01', 'contended'],
    ['40001', 'contended'],
    ['40003', 'outcome-unknown'],
    ['ECONNREFUSED', 'unavailable'],
    ['ECONNRESET', 'unavailable'],
    ['ETIMEDOUT', 'unavailable'],
    ['EPIPE', 'unavailable'],
    ['EHOSTUNREACH', 'unavailable'],
    ['ENETUNREACH', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['EAI_AGAIN', 'unavailable'],
    ['EMFILE', 'exhausted'],
    ['ENFILE', 'exhausted'],
  ])('by the code %s is of the kind %s, however deep it is wrapped', (code, kind) => {
    const error = withCode(code);

    expect(databaseFailure(error)).toMatchObject({ kind });
    expect(databaseFailure(new QueryFailedError('SELECT 1', [], error))).toMatchObject({ kind });
    expect(databaseFailure(new Error('outer', { cause: new Error('inner', { cause: error }) }))).toMatchObject({
      kind,
    });
  });

  it.each([
    ['timeout exceeded when trying to connect', 'exhausted'],
    ['timeout expired', 'unavailable'],
    ['Connection terminated', 'unavailable'],
    ['Connection terminated unexpectedly', 'unavailable'],
    ['Connection terminated due to connection timeout', 'unavailable'],
    ['Client has encountered a connection error and is not queryable', 'unavailable'],
    ['Client was closed and is not queryable', 'unavailable'],
    ['Cannot use a pool after calling end on the pool', 'unavailable'],
    ['Driver not Connected', 'unavailable'],
  ])('that only says "%s" is of the kind %s', (message, kind) => {
    expect(databaseFailure(new Error(message))).toMatchObject({ kind });
  });

  it('is a runner that a broken connection took away, and the socket of a server that is not there', () => {
    expect(databaseFailure(new QueryRunnerAlreadyReleasedError())).toMatchObject({ kind: 'unavailable' });
    expect(databaseFailure(withCode('ENOENT', { syscall: 'connect' }))).toMatchObject({ kind: 'unavailable' });
  });

  it('that leaves the outcome open says so, for every way a connection breaks', () => {
    const { kind, detail } = databaseFailure(new OutcomeUnknown('cut', { cause: withCode('57P01') })) ?? {};

    expect(kind).toBe('outcome-unknown');
    expect(detail).toContain('Idempotency-Key');
  });

  it.each([
    ['23505', {}],
    ['22P02', {}],
    ['42P01', {}],
    ['25P02', {}],
    ['42501', {}],
    ['ENOENT', { syscall: 'open' }],
    ['ERR_INVALID_ARG_TYPE', {}],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', {}],
  ])('is not what the application did wrong: %s', (code, more) => {
    expect(databaseFailure(withCode(code, more))).toBeUndefined();
  });

  it('is not anything else that is thrown, nor what is its own cause', () => {
    const own = new Error('own');
    own.cause = own;

    for (const thrown of [own, 'ECONNREFUSED', null, undefined, { code: '57P01' }]) {
      expect(databaseFailure(thrown)).toBeUndefined();
    }
  });

  it('is worth another attempt of the whole transaction when others were in its way', () => {
    expect(['40P01', '40001', '55P03', '57014', '08006'].map((code) => isContention(withCode(code)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
