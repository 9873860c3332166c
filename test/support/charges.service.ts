import { Injectable, type OnModuleInit } from '@nestjs/common';
import sql from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { run } from '../../src/common/database/statements.js';
import { AppError } from '../../src/common/errors/app-error.js';
import { ValidationFailed } from '../../src/common/errors/errors.js';
import { type Flow, PhasedRequests } from '../../src/common/http/idempotency/phased-requests.js';
import type { ChargeDto, ChargeInputDto } from './charges.dto.js';

/** An amount that is refused before anything is charged. */
export const REFUSED_AMOUNT = 13;

/** Between which phases something happens. */
export type Moment = 'preparing' | 'prepared' | 'called' | 'recording' | 'recorded';

/** Another system, which charges once an id: {@link Charges.provider}. */
export interface Provider {
  charge(id: string, amount: number): Promise<string>;
}

/** Charges amounts at another system. */
@Injectable()
export class Charges implements OnModuleInit {
  provider: Provider = { charge: () => Promise.reject(new Error('there is no provider')) };
  /** What happens at a moment, such as the end of the process. */
  at: (moment: Moment) => void | Promise<void> = () => undefined;

  private readonly flow: Flow<ChargeInputDto, { id: string }, { state: string }> = {
    name: 'charges.create',
    prepare: async ({ amount }) => {
      if (amount === REFUSED_AMOUNT) throw new AppError(ValidationFailed, 'The amount brings no luck.');
      const id = uuidv7();
      await this.query(sql`INSERT INTO charges (id, amount, state) VALUES (${id}, ${amount}, 'pending')`);
      await this.at('preparing');
      return { id };
    },
    call: async ({ id }) => {
      await this.at('prepared');
      const { amount } = await this.show(id);
      const state = await this.provider.charge(id, amount);
      await this.at('called');
      return { state };
    },
    record: async ({ id }, { state }) => {
      await this.query(sql`UPDATE charges SET state = ${state}, records = records + 1 WHERE id = ${id}`);
      await this.at('recording');
      return this.show(id);
    },
    show: ({ id }) => this.show(id),
  };

  constructor(
    private readonly dataSource: DataSource,
    private readonly phases: PhasedRequests,
  ) {}

  onModuleInit(): void {
    this.phases.register(this.flow);
  }

  /** Makes the table, which no migration has. */
  async createTable(): Promise<void> {
    await this.dataSource.query(
      'CREATE TABLE charges (id uuid PRIMARY KEY, amount integer NOT NULL, state text NOT NULL, records integer NOT NULL DEFAULT 0)',
    );
  }

  async create(input: ChargeInputDto): Promise<ChargeDto> {
    const body = await this.phases.run(this.flow, input);
    await this.at('recorded');
    return body as ChargeDto;
  }

  private async show(id: string): Promise<ChargeDto> {
    const [charge] = await this.query<ChargeDto>(sql`SELECT id, amount, state FROM charges WHERE id = ${id}`);
    if (!charge) throw new Error(`there is no charge ${id}`);
    return charge;
  }

  private query<R extends object>(statement: ReturnType<typeof sql>): Promise<R[]> {
    return run<R>(this.dataSource.manager, statement);
  }
}
