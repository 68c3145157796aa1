/** Receivers of webhooks: registered by the owner, each with a secret shown once. */
import type { Core } from '../commands/core.ts'
import { addWebhook } from '../commands/add-webhook.ts'
import { readInTenant } from '../db/connect.ts'
import { refuse } from '../domain/problems.ts'
import { webhookRules } from '../notify/webhook.ts'
import { listWebhooks } from '../store/webhooks.ts'
import type { Resource } from './api.ts'
import { webhookAdded, webhookGiven, webhookList } from './contract.ts'
import { issueProblem } from './guards.ts'
import { Problem } from './problem.ts'
import { who } from './sign-in.ts'

export const webhookResource =
  (core: Core): Resource =>
  (v1) => {
    v1.post(
      '/webhooks',
      {
        schema: {
          summary: 'Register a receiver of webhooks (owner)',
          description:
            'Deliveries follow Standard Webhooks. The secret is shown in this answer and never again.',
          body: webhookGiven,
          response: { 201: webhookAdded },
        },
      },
      async (request, reply) => {
        const rules = webhookRules(core.settings.loopbackWebhooks)
        const answer = await addWebhook(core, who(request), request.body, rules, core.clock.now())
        if (answer.kind === 'wrong') throw issueProblem(request, 'body/url', answer.what)
        if (answer.kind === 'refused') throw new Problem(answer.refusal)
        return reply.code(201).send({ no: answer.no, secret: answer.secret })
      },
    )

    v1.get(
      '/webhooks',
      { schema: { summary: 'The receivers of webhooks (owner)', response: { 200: webhookList } } },
      async (request) => {
        const actor = who(request)
        if (!actor.roles.includes('owner')) {
          throw new Problem(refuse('not_allowed', { right: 'webhooks' }))
        }
        const rows = await readInTenant(core.db, actor.tenant, (tx) => listWebhooks(tx))
        return {
          webhooks: rows.map((row) => ({
            no: row.webhook_no,
            url: row.url,
            allowPrivate: row.allow_private,
            paused: row.paused,
            createdAt: row.created_at.toISOString(),
          })),
        }
      },
    )
  }
