import type { Context } from 'hono';
import type { Pipeline } from '../../pipeline/compose.ts';
import type { Unsubscription } from '../../pipeline/deliver/provider.ts';
import { readBytes } from './body.ts';
import type { Door, DoorEnv } from './door.ts';
import { ProblemError } from './problem.ts';

interface Ports {
  readonly pipeline: Pick<Pipeline, 'unsubscribe'>;
}

export const UNSUBSCRIBE_PATH = '/u/{provider}/{token}';
const FIELD = 'List-Unsubscribe';
const VALUE = 'One-Click';
const MOST_BYTES = 4_096;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** Enough to know one's own address by, too little to tell it to others. */
const masked = (address: string): string => address.replace(/^(.).*(?=@)/, '$1•••');

function page(c: Context<DoorEnv>, title: string, content: string): Response {
  c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
  c.header('Cache-Control', 'no-store');
  c.header('Referrer-Policy', 'no-referrer');
  c.header('X-Robots-Tag', 'noindex');
  return c.html(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:17px/1.5 system-ui,sans-serif;max-width:34em;margin:4em auto;padding:0 1em}button{font:inherit;padding:.5em 1.2em}</style>
<h1>${title}</h1>${content}</html>
`);
}

function linkOf({ pipeline }: Ports, c: Context<DoorEnv>): Unsubscription {
  const link = pipeline.unsubscribe.read(c.req.param('provider') ?? '', c.req.param('token') ?? '');
  if (link) return link;
  throw new ProblemError('NOT_FOUND', 'This link is none of ours, or it is not complete.', {
    fix: 'Open the link in the mail again, or answer the mail.',
  });
}

async function isOneClick(request: Request): Promise<boolean> {
  const body = await readBytes(request, MOST_BYTES);
  const type = request.headers.get('content-type') ?? '';
  try {
    const form = await new Response(Buffer.from(body), { headers: { 'content-type': type } }).formData();
    return form.get(FIELD) === VALUE;
  } catch {
    return false;
  }
}

/** Where the links in marketing mail lead: mail programs post to it, people see a page with one button. */
export function unsubscribeDoors(ports: Ports): Door[] {
  const answer = { status: 200, description: 'A page', type: 'text/html' } as const;
  return [
    {
      method: 'get',
      path: UNSUBSCRIBE_PATH,
      summary: 'The page behind an unsubscription link',
      description: 'Changes nothing: programs that look into mail follow links too.',
      open: true,
      answer,
      refusals: ['NOT_FOUND'],
      handle(c) {
        const { recipient, sender } = linkOf(ports, c);
        return page(
          c,
          'Unsubscribe',
          `<p>No more marketing mail from ${escaped(sender)} to ${escaped(masked(recipient))}?</p>
<form method="post"><button name="${FIELD}" value="${VALUE}">Unsubscribe</button></form>`,
        );
      },
    },
    {
      method: 'post',
      path: UNSUBSCRIBE_PATH,
      summary: 'One-click unsubscription (RFC 8058)',
      description:
        'For mail programs and the page: a form with List-Unsubscribe=One-Click. Recorded in the consent ledger and in force when it is answered; the link itself is the proof, so no API key is asked for.',
      open: true,
      answer,
      refusals: ['NOT_FOUND', 'BODY_TOO_LARGE', 'INVALID_REQUEST', 'STORE_UNAVAILABLE'],
      async handle(c) {
        const link = linkOf(ports, c);
        if (!(await isOneClick(c.req.raw))) {
          throw new ProblemError('INVALID_REQUEST', `The form does not say ${FIELD}=${VALUE}.`, {
            fix: `Post a form with the field ${FIELD}=${VALUE}.`,
          });
        }
        await ports.pipeline.unsubscribe.take(link);
        return page(c, 'Unsubscribed', '<p>You will get no more marketing mail from this sender.</p>');
      },
    },
  ];
}
