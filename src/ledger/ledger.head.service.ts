import { Injectable } from '@nestjs/common';
import { SignaturesService } from '../auth/signatures.service.js';
import { Config } from '../common/config/config.js';
import { Clock } from '../common/time/clock.js';
import type { LedgerHeadDto } from './dto/trial-balance.dto.js';
import { LedgerChainRepository } from './ledger.chain.repository.js';

/** The type of the signature, which no other signature of the shop has. */
const TYPE = 'ledger-head+jwt';

/** A head that the shop has signed: that many transactions were sealed, and the last one had this hash. */
export interface SignedHead {
  sequence: number;
  hash: string;
}

/** The end of the chain, signed: who keeps it sees later whether the chain was cut off or rewritten. */
@Injectable()
export class LedgerHeadService {
  constructor(
    private readonly chain: LedgerChainRepository,
    private readonly signatures: SignaturesService,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** The head of now; null when nothing is sealed. */
  async read(): Promise<LedgerHeadDto | null> {
    const head = await this.chain.findHead();
    if (!head) return null;
    const signed: SignedHead = { sequence: head.sequence, hash: head.hash.toString('hex') };
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    return {
      ...signed,
      sealedAt: head.sealedAt.toISOString(),
      signature: this.signatures.sign(TYPE, { iss: this.config.publicUrl, iat, ...signed }),
    };
  }

  /** What a signature says; undefined when it is not one of ours. */
  open(signature: string): SignedHead | undefined {
    const { sequence, hash } = this.signatures.verify(TYPE, signature) ?? {};
    return typeof sequence === 'number' && typeof hash === 'string' ? { sequence, hash } : undefined;
  }
}
