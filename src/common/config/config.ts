import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { IsCurrencyCode } from '../money/money.dto.js';

const SAMPLE_SECRET = 'development-only-secret-change-me-before-production';

const toBoolean = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;
const toList = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean)
    : value;

/**
 * Everything the environment may say, typed and validated; read once at start by {@link loadConfig}.
 * A property `databaseUrl` is the variable `DATABASE_URL`. Each one stands, with its meaning, in `.env.example`.
 */
export class Config {
  @IsIn(['development', 'test', 'production'])
  nodeEnv: 'development' | 'test' | 'production' = 'development';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65535)
  port = 3000;

  @IsString()
  @MinLength(1)
  host = '127.0.0.1';

  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @Matches(/[^/]$/, { message: '$property must not end in a slash' })
  publicUrl = 'http://localhost:3000';

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @Matches(/^[^?#]*[^/?#]$/, { message: '$property must have no query and not end in a slash' })
  webUrl?: string = undefined;

  @IsOptional()
  @IsUrl(
    { protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false, require_host: false },
    { message: '$property must be of the form postgres://user:password@host:5432/database' },
  )
  databaseUrl?: string = undefined;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  databasePoolSize = 10;

  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(600_000)
  databaseStatementTimeout = 10_000;

  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(600_000)
  databaseLockTimeout = 3000;

  @IsOptional()
  @IsUrl(
    { protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false, require_host: false },
    { message: '$property must be of the form postgres://user:password@host:5432/database' },
  )
  testDatabaseUrl?: string = undefined;

  @IsOptional()
  @IsUrl(
    { protocols: ['redis', 'rediss'], require_protocol: true, require_tld: false },
    { message: '$property must be of the form redis://user:password@host:6379, or rediss:// with TLS' },
  )
  redisUrl?: string = undefined;

  @IsOptional()
  @IsUrl(
    { protocols: ['redis', 'rediss'], require_protocol: true, require_tld: false },
    { message: '$property must be of the form redis://user:password@host:6379, or rediss:// with TLS' },
  )
  testRedisUrl?: string = undefined;

  @IsString()
  @MinLength(1)
  dataDir = 'data';

  @IsOptional()
  @IsString()
  filesFolder?: string = undefined;

  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { message: '$property must be the name of a bucket, e.g. shop-files' })
  s3Bucket?: string = undefined;

  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: '$property must be of the form https://host:9000' },
  )
  s3Endpoint?: string = undefined;

  @Matches(/^[a-z0-9-]+$/, { message: '$property must be the name of a region, e.g. eu-central-1' })
  s3Region = 'us-east-1';

  @IsOptional()
  @IsString()
  s3AccessKeyId?: string = undefined;

  @IsOptional()
  @IsString()
  s3SecretAccessKey?: string = undefined;

  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  s3PathStyle?: boolean = undefined;

  @IsOptional()
  @MaxLength(200)
  @Matches(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/, {
    message: '$property must be letters, digits, "-", "_" and ".", with "/" only between them, e.g. shop/files',
  })
  s3Prefix?: string = undefined;

  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: '$property must be of the form http://key:secret@host:9000/bucket' },
  )
  testS3Url?: string = undefined;

  @Transform(toBoolean)
  @IsBoolean()
  demo = true;

  @Transform(toBoolean)
  @IsBoolean()
  docs = true;

  @Transform(toList)
  @IsArray()
  @ArrayNotEmpty()
  @MinLength(32, { each: true })
  secrets: string[] = [SAMPLE_SECRET];

  @Transform(toList)
  @IsArray()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { each: true, message: 'each origin in $property must be a URL such as https://shop.example' },
  )
  corsOrigins: string[] = [];

  @Transform(toList)
  @IsArray()
  @IsString({ each: true })
  trustedProxies: string[] = [];

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  rateLimit = 600;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  photoQuotaMib = 10_240;

  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' = 'info';

  @IsOptional()
  @IsUrl(
    { protocols: ['smtp', 'smtps'], require_protocol: true, require_tld: false },
    { message: '$property must be of the form smtp://user:password@host:587, or smtps:// with TLS' },
  )
  smtpUrl?: string = undefined;

  @IsString()
  @Matches(/^[^\r\n]+@[^\r\n]+$/, { message: '$property must be an e-mail address, e.g. Shop <shop@example.com>' })
  mailFrom = 'Stockroom <no-reply@stockroom.example>';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(300)
  shutdownSeconds = 10;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(300)
  shutdownDelay = 5;

  @IsCurrencyCode()
  currency = 'GBP';

  @Matches(/^[a-z_][a-z0-9_]{0,62}$/, {
    message: '$property must be the name of a text search configuration, e.g. german',
  })
  searchLanguage = 'english';

  @IsOptional()
  @IsIn(['sandbox', 'stripe'])
  paymentProvider?: 'sandbox' | 'stripe' = undefined;

  @IsOptional()
  @Matches(/^(?:sk|rk)_/, { message: '$property must be a secret key (sk_…) or a restricted key (rk_…) of Stripe' })
  stripeSecretKey?: string = undefined;

  @Transform(toList)
  @IsArray()
  @Matches(/^whsec_/, { each: true, message: 'each of $property must be a signing secret of a webhook (whsec_…)' })
  stripeWebhookSecrets: string[] = [];

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  stripeUrl?: string = undefined;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1440)
  reservationMinutes = 15;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(3650)
  importsKeptDays = 90;

  @Transform(toBoolean)
  @IsBoolean()
  backgroundWork = true;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(300)
  bodySeconds = 30;

  @Type(() => Number)
  @IsInt()
  @Min(10)
  @Max(1_000_000)
  maxConnections = 5000;

  /** Whether this process runs for real customers: secrets are checked, demo data is never made, migrations are a step of their own. */
  get production(): boolean {
    return this.nodeEnv === 'production';
  }
}

/** Whether mail may leave this machine without TLS, without the URL saying that this is wanted. */
function isPlain(smtpUrl: string): boolean {
  const { protocol, hostname, searchParams } = new URL(smtpUrl);
  if (protocol === 'smtps:' || searchParams.get('requireTLS') === 'true') return false;
  return searchParams.get('ignoreTLS') !== 'true' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** What payments by Stripe need. */
function paymentFaults({ paymentProvider, stripeSecretKey, stripeWebhookSecrets }: Config): string[] {
  if (paymentProvider !== 'stripe') return [];
  const faults: string[] = [];
  if (stripeSecretKey === undefined) faults.push('STRIPE_SECRET_KEY is missing: PAYMENT_PROVIDER=stripe needs it');
  if (stripeWebhookSecrets.length === 0) {
    faults.push('STRIPE_WEBHOOK_SECRETS is missing: without it no webhook of Stripe is taken');
  }
  return faults;
}

/** What files in a bucket need. */
function bucketFaults(config: Config): string[] {
  const { s3Bucket, s3Endpoint, s3AccessKeyId, s3SecretAccessKey, s3Prefix } = config;
  if (s3Bucket === undefined) {
    const isMeant = [s3Endpoint, s3AccessKeyId, s3SecretAccessKey, s3Prefix].some((value) => value !== undefined);
    return isMeant ? ['S3_BUCKET is missing: without it no other variable of S3 has a meaning'] : [];
  }
  if ((s3AccessKeyId === undefined) === (s3SecretAccessKey === undefined)) return [];
  const missing = s3AccessKeyId === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY';
  return [`${missing} is missing: set both keys of S3, or none, and the machine has to give them`];
}

/** Faults that only show when the values stand together. */
export function combinedFaults(config: Config): string[] {
  const faults = [...paymentFaults(config), ...bucketFaults(config)];
  if (!config.production) return faults;
  if (config.stripeUrl?.startsWith('http://'))
    faults.push('STRIPE_URL must be an https:// address: keys are sent to it');
  if (!config.databaseUrl) faults.push('DATABASE_URL is missing: production needs a PostgreSQL server');
  if (!config.smtpUrl) faults.push('SMTP_URL is missing: production sends its mail through an SMTP server');
  if (config.smtpUrl && isPlain(config.smtpUrl)) {
    faults.push(
      'SMTP_URL sends mail unencrypted: use smtps://, or add ?requireTLS=true; ?ignoreTLS=true says that the network is trusted',
    );
  }
  if (!config.publicUrl.startsWith('https://')) faults.push('PUBLIC_URL must be the https:// address that clients use');
  if (config.webUrl?.startsWith('http://')) faults.push('WEB_URL must be an https:// address: mails link to it');
  for (const secret of config.secrets) {
    if (/change-me|development|example|sample|secret|password/i.test(secret)) {
      faults.push('SECRETS is missing or a sample: make one with `openssl rand -base64 48`');
    } else if (new Set(secret).size < 12) {
      faults.push('SECRETS is weak (too few different characters): make one with `openssl rand -base64 48`');
    }
  }
  return faults;
}
