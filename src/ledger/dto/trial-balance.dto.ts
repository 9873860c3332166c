import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, Matches, MaxLength, Min } from 'class-validator';
import { IsDateTime } from '../../common/time/date-time.js';
import { ACCOUNT_KINDS, type AccountKind } from '../entities/ledger-account.entity.js';
import { ACCOUNT_NAMES } from '../ledger.accounts.js';
import type { BalanceRow } from '../ledger.repository.js';
import { SignedMoneyDto } from './signed-money.dto.js';

/** More than there are currencies, and than these have accounts. */
const MAX_TOTALS = 200;
const MAX_BALANCES = 2000;

/** The balance of an account in one currency. */
export class AccountBalanceDto {
  @ApiProperty({ enum: ACCOUNT_NAMES, example: 'clearing' })
  account: string;

  @ApiProperty({ enum: ACCOUNT_KINDS, example: 'asset' })
  kind: AccountKind;

  /** Debits are positive, credits negative. */
  balance: SignedMoneyDto;
}

/** The end of the sealed chain. Keep it outside of the shop: `npm run ledger:verify -- --head …` compares the ledger with it. */
export class LedgerHeadDto {
  /**
   * How many transactions are sealed.
   * @example 1204
   */
  @Min(1)
  sequence: number;

  /**
   * The hash of the last one, which covers all before it: SHA-256, in hexadecimal digits.
   * @example 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
   */
  @MaxLength(64)
  @Matches(/^[\da-f]{64}$/)
  hash: string;

  @IsDateTime()
  sealedAt: string;

  /**
   * A compact JWS (RFC 7515) of `iss`, `iat`, `sequence` and `hash`, of the type `ledger-head+jwt`, by a key of
   * `/.well-known/jwks.json`.
   * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImxlZGdlci1oZWFkK2p3dCJ9.eyJzZXF1ZW5jZSI6MTIwNH0.c2lnbmF0dXJl
   */
  @MaxLength(2000)
  signature: string;
}

/** All balances of the ledger. */
export class TrialBalanceDto {
  /** By account and currency. */
  @ArrayMaxSize(MAX_BALANCES)
  balances: AccountBalanceDto[];

  /** The sum of the balances in each currency: zero. */
  @ArrayMaxSize(MAX_TOTALS)
  totals: SignedMoneyDto[];

  /** Null until something is sealed. */
  head: LedgerHeadDto | null;
}

/** The balances, and what they sum to in each currency. */
export const toTrialBalanceDto = (rows: readonly BalanceRow[], head: LedgerHeadDto | null): TrialBalanceDto => ({
  balances: rows.map(({ account, kind, amount, currency }) => ({ account, kind, balance: { amount, currency } })),
  totals: [...Map.groupBy(rows, ({ currency }) => currency)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, ofCurrency]) => ({ amount: ofCurrency.reduce((sum, { amount }) => sum + amount, 0), currency })),
  head,
});
