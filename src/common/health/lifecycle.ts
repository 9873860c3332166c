import { Injectable } from '@nestjs/common';

/** Whether the process takes new work, and sends answers. */
@Injectable()
export class Lifecycle {
  draining = false;
  /** Resolves when answers may be sent: at once, unless they are held. */
  sending: Promise<void> = Promise.resolve();

  /** Has answers wait. @returns what has them sent. */
  holdAnswers(): () => void {
    let send = (): void => undefined;
    this.sending = new Promise((resolve) => {
      send = resolve;
    });
    return send;
  }
}
