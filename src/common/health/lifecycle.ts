import { Injectable } from '@nestjs/common';

/** Whether the process takes new work. */
@Injectable()
export class Lifecycle {
  draining = false;
}
