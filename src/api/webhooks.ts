/** Receivers of webhooks, for the owner: registered with a secret shown once, paused, resumed, removed. */
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { addWebhook } from '../commands/add-webhook.ts'
import {
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  type WebhookChanged,
} from '../commands/change-webhook.ts'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { refuse } from '../domain/problems.ts'
import { webhookRules } from '../notify/webhook.ts'
import { listWebhooks, readWebhook, type WebhookRow } from '../store/webhooks.ts'
import type { Resource } from './api.ts'
import { numberParams } from './contract.ts'
import { webhookAdded, webhookGiven, webhookList, webhookShown } from './contract-webhooks.ts'
import { accepted, present } from './found.ts'
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
        const { tenant } = owner(request)
        const rows = await readInTenant(core.db, tenant, (tx) => listWebhooks(tx))
        return { webhooks: rows.map(show) }
      },
    )

    const one = { params: numberParams, response: { 200: webhookShown } }
    const changed = async (actor: Actor, no: string, change: Promise<WebhookChanged>) => {
      await accepted(core, actor.tenant, await change)
      const row = await readInTenant(core.db, actor.tenant, (tx) => readWebhook(tx, no))
      return show(present(row, 'webhook'))
    }

    v1.post(
      '/webhooks/:no/pause',
      {
        schema: {
          ...one,
          summary: 'Send nothing to a receiver for now (owner)',
          description: 'What happens meanwhile is kept for it.',
        },
      },
      (request) => {
        const [actor, { no }] = [who(request), request.params]
        return changed(actor, no, pauseWebhook(core, actor, no))
      },
    )

    v1.post(
      '/webhooks/:no/resume',
      {
        schema: {
          ...one,
          summary: 'Send to a receiver again (owner)',
          description: 'With all it has not taken, what happened during the pause included.',
        },
      },
      (request) => {
        const [actor, { no }] = [who(request), request.params]
        return changed(actor, no, resumeWebhook(core, actor, no))
      },
    )

    v1.post(
      '/webhooks/:no/remove',
      {
        schema: {
          params: numberParams,
          response: { 200: webhookList },
          summary: 'Remove a receiver and what is known of its deliveries (owner)',
          description: 'Answers those that are left.',
        },
      },
      async (request) => {
        const actor = who(request)
        const removed = await removeWebhook(core, actor, request.params.no)
        await accepted(core, actor.tenant, removed)
        const rows = await readInTenant(core.db, actor.tenant, (tx) => listWebhooks(tx))
        return { webhooks: rows.map(show) }
      },
    )
  }

/** Throws Problem `not_allowed` for everybody else. */
export function owner(request: FastifyRequest): Actor {
  const actor = who(request)
  if (actor.roles.includes('owner')) return actor
  throw new Problem(refuse('not_allowed', { right: 'webhooks' }))
}

const show = (row: WebhookRow): z.infer<typeof webhookShown> => ({
  no: row.webhook_no,
  url: row.url,
  allowPrivate: row.allow_private,
  paused: row.paused,
  createdAt: row.created_at.toISOString(),
})
