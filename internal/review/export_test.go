package review

import (
	"context"

	"habilis/internal/ident"
)

// Left is how many people the next step of a campaign reads.
func (r Reviews) Left(ctx context.Context, org ident.Org, id ident.Review) (int, error) {
	w, err := r.read(ctx, key{org, id})
	return len(w.left), err
}

// Stopping calls fn after each transaction of the work; an error stops the work there, as a killed
// server would.
func (r Reviews) Stopping(fn func(Stage) error) Reviews {
	r.between = fn
	return r
}
