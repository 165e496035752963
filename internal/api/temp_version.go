package api

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
)

func tmpScope(f func(context.Context, access.Actor, ident.Member, access.Scope) (member.Sheet, error)) func(context.Context, access.Actor, ident.Member, access.Scope, int64) (member.Sheet, error) {
	return func(c context.Context, a access.Actor, m ident.Member, s access.Scope, _ int64) (member.Sheet, error) {
		return f(c, a, m, s)
	}
}
func tmpSite(f func(context.Context, access.Actor, ident.Org, ident.Member, ident.Site) (member.Sheet, error)) func(context.Context, access.Actor, ident.Org, ident.Member, ident.Site, int64) (member.Sheet, error) {
	return func(c context.Context, a access.Actor, o ident.Org, m ident.Member, s ident.Site, _ int64) (member.Sheet, error) {
		return f(c, a, o, m, s)
	}
}
