package app

import "net/http"

// pathSigningKeys is where anybody gets the public keys of this installation, to check without us
// what it signed.
const pathSigningKeys = "/.well-known/habilis-signing-keys.json"

// signingKeys serves them. They are no secret, and whoever keeps them needs us no more.
func (a *App) signingKeys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="habilis-signing-keys.json"`)
	_, _ = w.Write(a.Ring.PublicFile(a.Reviews.Installation)) // whoever went away gets nothing
}
