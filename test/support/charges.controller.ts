import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { Idempotent } from '../../src/common/http/idempotency/idempotent.js';
import { SignedIn } from '../../src/common/security/access.js';
import { ChargeDto, ChargeInputDto } from './charges.dto.js';
import { Charges } from './charges.service.js';

@Controller('charges')
class ChargesController {
  constructor(private readonly charges: Charges) {}

  /** Charges an amount. */
  @Post()
  @HttpCode(201)
  @SignedIn()
  @Idempotent({ phased: true })
  create(@Body() input: ChargeInputDto): Promise<ChargeDto> {
    return this.charges.create(input);
  }
}

@Module({ controllers: [ChargesController], providers: [Charges] })
export class ChargesModule {}
