import { Controller, Get, Module, Query } from '@nestjs/common';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { Limited, type LimitPolicy } from '../../src/common/http/limits/limits.js';
import { Public } from '../../src/common/security/access.js';
import { type Caller, OptionalCaller } from '../../src/common/security/caller.js';

const Facets: LimitPolicy = { name: 'facets', share: 0.1, by: 'caller', when: ({ include }) => include === 'facets' };
const Searches: LimitPolicy = { name: 'searches', share: 0.2, by: 'caller', when: ({ q }) => q !== undefined };

class SearchQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  q?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  include?: string;
}

class FoundDto {
  @IsString()
  @MaxLength(100)
  q: string;
}

/** A route some of whose requests are counted apart. */
@Controller('searches')
class SearchesController {
  /** Searches. */
  @Get()
  @Public()
  @Limited(Facets, Searches)
  search(@Query() { q }: SearchQuery, @OptionalCaller() caller: Caller | undefined): FoundDto {
    return { q: q ?? caller?.userId ?? '' };
  }
}

@Module({ controllers: [SearchesController] })
export class SearchesModule {}
