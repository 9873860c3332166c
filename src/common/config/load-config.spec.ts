import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig, variables } from './load-config.js';

const folder = mkdtempSync(join(tmpdir(), 'stockroom-env-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const load = (environment: Record<string, string>, file = ''): ReturnType<typeof loadConfig> => {
  const path = join(folder, '.env');
  writeFileSync(path, file);
  return loadConfig(environment, path);
};

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://shop:pw@db:5432/shop',
  SMTP_URL: 'smtps://mail:465',
  PUBLIC_URL: 'https://api.shop.example',
  SECRETS: 'q8Zt0vJx3LwN5rYb7UoKe1Hs9Gd2Fc4A',
};

describe('the configuration', () => {
  it('has a default for everything a laptop needs', () => {
    expect(load({})).toMatchObject({ nodeEnv: 'development', port: 3000, dataDir: 'data', databaseUrl: undefined });
  });

  it('reads numbers, truth values and lists', () => {
    const config = load({ PORT: '8080', DEMO: 'false', CORS_ORIGINS: 'https://a.example, http://localhost:5173' });

    expect(config).toMatchObject({
      port: 8080,
      demo: false,
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
    });
  });

  it('takes this machine, at its port, for the public address', () => {
    expect(load({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
    expect(load({ PORT: '8080', PUBLIC_URL: 'https://shop.example' }).publicUrl).toBe('https://shop.example');
  });

  it('lets the environment win over .env', () => {
    expect(load({ PORT: '4000' }, 'PORT=5000\nHOST=0.0.0.0')).toMatchObject({ port: 4000, host: '0.0.0.0' });
  });

  it('names all faults at once', () => {
    expect(() => load({ PORT: 'eighty', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://db' })).toThrow(
      /PORT must be an integer[^]*DATABASE_URL must be of the form postgres:\/\/[^]*LOG_LEVEL must be one of/,
    );
  });

  it.each([
    [{ PORT: '80000' }, 'PORT must not be greater than 65535 (it is "80000")'],
    [{ PORT: 'abc' }, 'PORT must be an integer number (it is "abc")'],
    [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE must not be less than 1 (it is "0")'],
    [
      { REDIS_URL: 'http://x' },
      'REDIS_URL must be of the form redis://user:password@host:6379, or rediss:// with TLS (it is set)',
    ],
    [{ SECRETS: 'short' }, 'SECRETS must be longer'],
  ])('names one fault for one mistake: %j', (environment, fault) => {
    const faults = (): string[] => {
      try {
        load(environment);
        return [];
      } catch (error) {
        return String(error).split('\n').slice(1, -1);
      }
    };

    expect(faults()).toEqual([expect.stringContaining(fault)]);
  });

  it('shows no value of a variable that may hold a password', () => {
    expect(() => load({ DATABASE_URL: 'mysql://root:hunter2@db' })).not.toThrow(/hunter2/);
  });

  it('refuses an unknown name in .env, and says which one may be meant', () => {
    expect(() => load({}, 'COLOUR=red')).toThrow(/COLOUR is unknown/);
    expect(() => load({}, 'DATABSE_URL=x')).toThrow(/DATABSE_URL is unknown: did you mean DATABASE_URL\?/);
    expect(() => load({}, 'DATABASE_ULR=x')).toThrow(/did you mean DATABASE_URL\?/);
    expect(() => load({}, 'PROT=3001')).toThrow(/did you mean PORT\?/);
  });

  it('warns of a name in the environment that is nearly one of its own, and of no other', () => {
    const warnings: string[] = [];
    const warn = (warning: string): void => {
      warnings.push(warning);
    };
    const environment = { PROT: '3001', REDIS_URI: 'redis://host', HOSTNAME: 'laptop', HOME: '/home/me', PATH: '/bin' };

    expect(loadConfig(environment, 'no-such-file', warn).port).toBe(3000);
    expect(warnings).toEqual(['PROT is unknown: did you mean PORT?', 'REDIS_URI is unknown: did you mean REDIS_URL?']);
  });

  it('accepts production with real secrets', () => {
    expect(load(PRODUCTION).production).toBe(true);
  });

  it.each([
    'smtps://mail.example',
    'smtp://mail.example:587?requireTLS=true',
    'smtp://mail:1025?ignoreTLS=true',
    'smtp://127.0.0.1:25',
    'smtp://localhost',
    'smtp://[::1]:25',
  ])('lets production mail by %s', (url) => {
    expect(load({ ...PRODUCTION, SMTP_URL: url }).smtpUrl).toBe(url);
  });

  it.each([
    ['missing', { SECRETS: '' }, /SECRETS is missing or a sample/],
    ['short', { SECRETS: 'short' }, /SECRETS must be longer/],
    ['sample', { SECRETS: 'change-me-change-me-change-me-change-me' }, /SECRETS is missing or a sample/],
    ['weak', { SECRETS: 'abababababababababababababababababab' }, /SECRETS is weak/],
    ['without a server', { DATABASE_URL: '' }, /DATABASE_URL is missing/],
    ['without mail', { SMTP_URL: '' }, /SMTP_URL is missing/],
    ['with mails that lead to pages without TLS', { WEB_URL: 'http://shop.example' }, /WEB_URL must be an https/],
    ['with a slash after its web site', { WEB_URL: 'https://shop.example/' }, /WEB_URL must have no query/],
    ['with a query in its web site', { WEB_URL: 'https://shop.example/?a=b' }, /WEB_URL must have no query/],
    ['mailing in plain text', { SMTP_URL: 'smtp://mail.example:587' }, /SMTP_URL sends mail unencrypted/],
    ['without TLS', { PUBLIC_URL: 'http://api.shop.example' }, /PUBLIC_URL must be the https/],
    ['that sends keys without TLS', { STRIPE_URL: 'http://stripe.example' }, /STRIPE_URL must be an https/],
  ])('refuses production that is %s', (_, change, fault) => {
    expect(() => load({ ...PRODUCTION, ...change })).toThrow(fault);
  });

  it.each([
    ['without a key', { STRIPE_WEBHOOK_SECRETS: 'whsec_a' }, /STRIPE_SECRET_KEY is missing/],
    ['without a secret of webhooks', { STRIPE_SECRET_KEY: 'sk_test_a' }, /STRIPE_WEBHOOK_SECRETS is missing/],
    ['with a publishable key', { STRIPE_SECRET_KEY: 'pk_test_a' }, /STRIPE_SECRET_KEY must be .* \(it is set\)/],
  ])('refuses payments by Stripe %s', (_, values, fault) => {
    expect(() => load({ PAYMENT_PROVIDER: 'stripe', ...values })).toThrow(fault);
  });

  it('takes several secrets of webhooks', () => {
    const config = load({
      PAYMENT_PROVIDER: 'stripe',
      STRIPE_SECRET_KEY: 'rk_test_a',
      STRIPE_WEBHOOK_SECRETS: 'whsec_a,whsec_b',
    });

    expect(config).toMatchObject({ paymentProvider: 'stripe', stripeWebhookSecrets: ['whsec_a', 'whsec_b'] });
  });

  const BUCKET = { S3_BUCKET: 'shop-files', S3_ACCESS_KEY_ID: 'AKIA1', S3_SECRET_ACCESS_KEY: 'hunter2/hunter2' };

  it('takes a bucket of AWS by its name alone, and one elsewhere with all that it needs', () => {
    expect(load({ S3_BUCKET: 'shop-files' })).toMatchObject({ s3Bucket: 'shop-files', s3Region: 'us-east-1' });
    expect(
      load({ ...BUCKET, S3_ENDPOINT: 'http://minio:9000', S3_PATH_STYLE: 'false', S3_PREFIX: 'shop/files' }),
    ).toMatchObject({
      s3Endpoint: 'http://minio:9000',
      s3AccessKeyId: 'AKIA1',
      s3SecretAccessKey: 'hunter2/hunter2',
      s3PathStyle: false,
      s3Prefix: 'shop/files',
    });
  });

  it.each([
    ['without the secret key', { S3_SECRET_ACCESS_KEY: '' }, /S3_SECRET_ACCESS_KEY is missing: set both keys/],
    ['without the id of its key', { S3_ACCESS_KEY_ID: '' }, /S3_ACCESS_KEY_ID is missing: set both keys/],
    ['without its name', { S3_BUCKET: '' }, /S3_BUCKET is missing/],
    ['with another name', { S3_BUCKET: 'Shop_Files' }, /S3_BUCKET must be the name of a bucket/],
    ['at no address', { S3_ENDPOINT: 'minio:9000' }, /S3_ENDPOINT must be of the form https:/],
    ['with a slash after the prefix', { S3_PREFIX: 'shop/' }, /S3_PREFIX must be letters/],
    ['with .. in the prefix', { S3_PREFIX: 'shop/../other' }, /S3_PREFIX must be letters/],
    ['with neither true nor false', { S3_PATH_STYLE: 'yes' }, /S3_PATH_STYLE must be a boolean/],
  ])('refuses a bucket %s, and does not show the key', (_, change, fault) => {
    expect(() => load({ ...BUCKET, ...change })).toThrow(fault);
    expect(() => load({ ...BUCKET, ...change })).not.toThrow(/hunter2/);
  });

  it('is described in .env.example, each variable once and no other', () => {
    const described = [...readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(
      ([, name]) => name,
    );

    expect(described.sort()).toEqual([...variables.keys()].sort());
  });
});
