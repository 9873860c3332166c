import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Public } from '../common/security/access.js';
import { JwksDto } from './dto/jwks.dto.js';
import { SigningKeys } from './signing-keys.js';

@About('What others check our access tokens with.')
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  /** Returns the public keys that verify access tokens. */
  @Get('jwks.json')
  @Public()
  @Cacheable(300)
  read(): JwksDto {
    return { keys: this.keys.published };
  }
}
