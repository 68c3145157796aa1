/** The camera as a second way to read codes, on whichever screen wants one. */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

const CAMERA_WANTED = 'yuanlu.camera'

/** Loaded when first opened; where it was left open it opens by itself next time, which saves a tap at each refund. */
export function useCamera() {
  const [isWanted, setIsWanted] = useState(() => localStorage.getItem(CAMERA_WANTED) !== null)
  const { mutate, data, isPending, error } = useMutation({
    mutationFn: () => import('./camera.tsx'),
  })
  useEffect(() => {
    if (isWanted) mutate()
  }, [isWanted, mutate])
  return {
    isWanted,
    isLoading: isPending,
    error,
    View: data?.Camera,
    open: () => {
      localStorage.setItem(CAMERA_WANTED, 'open')
      setIsWanted(true)
      if (isWanted) mutate()
    },
    close: () => {
      localStorage.removeItem(CAMERA_WANTED)
      setIsWanted(false)
    },
  }
}
