import { html } from 'hono/html';

/** The little of OpenAPI 3.1 that the page shows. */
interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Body>> };
  readonly responses?: Readonly<
    Record<string, { readonly description: string } & { content?: Record<string, Body> }>
  >;
}
interface Body {
  readonly schema?: unknown;
  readonly example?: unknown;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8884 }
code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { background: #8881; padding: .75rem; overflow: auto; border-radius: 4px }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; text-transform: uppercase }
td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top }
nav li { list-style: none }
`;

const anchor = (method: string, path: string): string => `${method}${path}`.replaceAll(/[^a-z0-9]+/gi, '-');
const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** The API's reference as one page: written by the server, without scripts, fonts or hosts from elsewhere. */
export function renderDocs(document: unknown): string {
  const { info, paths = {}, components } = document as OpenApiDocument;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${info.title} API</title><style>${STYLE}</style></head>
<body>
<h1>${info.title} API ${info.version}</h1>
<p>${info.description ?? ''}</p>
<p>Machine-readable: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)</p>
<nav><ul>${operations.map(
    ({ path, method, operation }) =>
      html`<li><span class="method">${method}</span><a href="#${anchor(method, path)}"><code>${path}</code></a> ${operation.summary ?? ''}</li>`,
  )}</ul></nav>
${operations.map(renderOperation)}
<h2>Shapes</h2>
${Object.entries(components?.schemas ?? {}).map(
  ([name, schema]) => html`<h3 id="${name}">${name}</h3><pre>${json(schema)}</pre>`,
)}
</body>
</html>`;
  return String(page);
}

function renderOperation({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}) {
  const parameters = operation.parameters ?? [];
  return html`<h2 id="${anchor(method, path)}"><span class="method">${method}</span><code>${path}</code></h2>
<p>${operation.summary ?? ''}. ${operation.description ?? ''}</p>
<p>${operation.security?.length ? html`Needs <code>Authorization: Bearer KEY</code>.` : 'Open.'}</p>
${
  parameters.length > 0
    ? html`<table>${parameters.map(
        (one) =>
          html`<tr><td><code>${one.name}</code></td><td>${one.in}${one.required ? ', required' : ''}</td><td>${one.description ?? ''}</td></tr>`,
      )}</table>`
    : ''
}
${Object.values(operation.requestBody?.content ?? {}).map(
  ({ schema, example }) =>
    html`<h4>Body</h4>${example === undefined ? '' : html`<pre>${json(example)}</pre>`}<details><summary>Shape</summary><pre>${json(schema)}</pre></details>`,
)}
<h4>Answers</h4>
<table>${Object.entries(operation.responses ?? {}).map(
    ([status, response]) => html`<tr><td><code>${status}</code></td><td>${response.description}</td></tr>`,
  )}</table>`;
}
