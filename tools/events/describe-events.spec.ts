import { describe, expect, it } from '@jest/globals';
import { EventType } from '../../src/common/events/define-event.js';
import { describeEvents } from './describe-events.js';

const made = new EventType('shelf.made', 1, 'There is a new shelf.', {
  width: { type: 'integer', description: 'In mm | outside.' },
  wood: { type: ['string', 'null'], enum: ['oak', 'ash', null], optional: true },
});
const burnt = new EventType('shelf.burnt', 2, 'A shelf is gone.', {});

describe('the page of events', () => {
  it('lists them by name, with their data and who handles them', () => {
    const page = describeEvents(
      [made, burnt],
      [
        { name: 'room for books', events: ['shelf.made', 'shelf.burnt'] },
        { name: 'insurance', events: ['shelf.burnt'] },
      ],
    );

    expect(page.slice(page.indexOf('## ')).split('\n')).toEqual([
      '## `shelf.burnt`',
      '',
      'A shelf is gone. Version 2. Handled by: insurance, room for books.',
      '',
      'No data.',
      '',
      '## `shelf.made`',
      '',
      'There is a new shelf. Version 1. Handled by: room for books.',
      '',
      '| member | type | | what it is |',
      '|---|---|---|---|',
      '| `width` | integer | always | In mm \\| outside. |',
      '| `wood` | string or null, `oak`, `ash`, `null` | optional |  |',
      '',
    ]);
  });

  it('says that nobody handles an event, and that there is none', () => {
    expect(describeEvents([burnt], [])).toContain('Handled by: nobody.');
    expect(describeEvents([], [])).toContain('No feature announces an event yet.');
  });
});
