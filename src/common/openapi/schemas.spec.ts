import { describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IsUUID, MaxLength } from 'class-validator';
import { IsDateTime } from '../time/date-time.js';
import { completeSchemas } from './schemas.js';

class FirmDto {
  @IsUUID()
  holder: string;

  @MaxLength(20)
  taxId: string;

  @IsDateTime()
  founded: string;

  @MaxLength(20)
  lookedAt: string;
}

describe('the format of a text in the document', () => {
  it('is what its decorators say, independent of its name', () => {
    const text = { type: 'string' };
    const properties = { holder: { ...text }, taxId: { ...text }, founded: { ...text }, lookedAt: { ...text } };
    const document: OpenAPIObject = {
      openapi: '3.1.0',
      info: { title: 'Firms', version: '1' },
      paths: {},
      components: { schemas: { FirmDto: { type: 'object', properties } } },
    };

    completeSchemas(document, { byName: new Map([['FirmDto', FirmDto]]), taken: new Map() });

    expect(document.components?.schemas?.FirmDto).toMatchObject({
      properties: { holder: { format: 'uuid' }, founded: { format: 'date-time' } },
    });
    expect(properties.taxId).toEqual({ type: 'string', maxLength: 20, pattern: expect.any(String) });
    expect(properties.lookedAt).not.toHaveProperty('format');
  });
});
