/** One of several, each a large button: real radio buttons, so that keyboards and readers know them. */
import { useId } from 'react'

export type Choice<Value> = { readonly value: Value; readonly label: string }

export function Choices<Value extends string>({
  label,
  of,
  value,
  onChange,
  wide = false,
}: {
  /** What is chosen, for readers. */
  label: string
  of: readonly Choice<Value>[]
  value: Value | null
  onChange: (value: Value) => void
  /** All in one row. */
  wide?: boolean
}) {
  const name = useId()
  return (
    <fieldset>
      <legend className="visually-hidden">{label}</legend>
      {/* Old browsers lay out no fieldset as a grid. */}
      <div className={wide ? 'choices choices-row' : 'choices'}>
        {of.map((choice) => (
          <label
            key={choice.value}
            className={choice.value === value ? 'choice choice-on' : 'choice'}
          >
            <input
              className="visually-hidden"
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
