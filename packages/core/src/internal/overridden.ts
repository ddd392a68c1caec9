/** A record with the fields that another one sets; one that is there but undefined sets nothing. */
export const overridden = <A extends object>(record: A, set: Partial<A>): A => ({
  ...record,
  ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined))
})
