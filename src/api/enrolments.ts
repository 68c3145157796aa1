/** Devices become terminals: a code from somebody who may decide, and the key that a device fetches with it. */
import type { Core } from '../commands/core.ts'
import { enrolTerminal, makeEnrolment } from '../commands/enrol-terminal.ts'
import { readEnrolmentCode } from '../domain/enrolment.ts'
import { refuse } from '../domain/problems.ts'
import type { Resource } from './api.ts'
import { enrolGiven, enrolled, enrolmentGiven, enrolmentShown } from './contract-people.ts'
import { accepted } from './found.ts'
import { boundedGuesses } from './guesses.ts'
import { keyMaker } from './key-maker.ts'
import { Problem } from './problem.ts'
import { who } from './sign-in.ts'

export const enrolmentResource =
  (core: Core): Resource =>
  (v1) => {
    v1.post(
      '/enrolments',
      {
        schema: {
          summary: 'Let a device become this terminal (supervisor)',
          description: 'The code is good once, for a quarter of an hour; another one ends it.',
          body: enrolmentGiven,
          response: { 201: enrolmentShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const { terminal } = request.body
        const answer = await makeEnrolment(core, actor, terminal, core.clock.now())
        const { code, expiresAt } = await accepted(core, actor.tenant, answer)
        return reply.code(201).send({ code, expiresAt: expiresAt.toISOString() })
      },
    )
  }

/** Outside of sign-in: a device that has no key yet proves itself by the code alone. */
export const enrolResource =
  (core: Core): Resource =>
  (app) => {
    const guesses = boundedGuesses(() => performance.now())

    app.post(
      '/v1/enrol',
      {
        schema: {
          summary: "Become a terminal by a code, and get the terminal's key",
          security: [],
          body: enrolGiven,
          response: { 201: enrolled },
        },
      },
      async (request, reply) => {
        const code = readEnrolmentCode(request.body.code)
        if (code === null) throw new Problem(refuse('enrolment_unknown', {}))
        if (!guesses.mayTry(code.tenant)) throw new Problem(refuse('busy', {}))
        const answer = await enrolTerminal(core, code, keyMaker(core), core.clock.now())
        if (answer.kind === 'refused') guesses.wrong(code.tenant)
        const { terminal, key } = await accepted(core, code.tenant, answer)
        return reply.code(201).send({ terminal, key })
      },
    )
  }
