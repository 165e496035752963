package member

import "habilis/internal/store"

// NeverSignedIn reports whether the person has not signed in yet (LST-4).
func (m Member) NeverSignedIn() bool { return m.LastSignInAt.Equal(store.Never) }
