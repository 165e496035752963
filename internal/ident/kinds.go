package ident

import (
	"strings"

	"github.com/google/uuid"
)

// The kinds of objects, with the prefixes that rest.md promises.
type (
	orgKind        struct{}
	siteKind       struct{}
	accountKind    struct{}
	memberKind     struct{}
	invitationKind struct{}
	roleKind       struct{}
	tokenKind      struct{}
	sessionKind    struct{}
	eventKind      struct{}
	jobKind        struct{}
	draftKind      struct{}
	credentialKind struct{}
	alertKind      struct{}
	noticeKind     struct{}
	agendaKind     struct{}
	messagingKind  struct{}
	identityKind   struct{}
	groupKind      struct{}
	delegationKind struct{}
	changeSetKind  struct{}
	grantKind      struct{}
	factorKind     struct{}
	halfKind       struct{}
	deviceKind     struct{}
	blobKind       struct{}
	documentKind   struct{}
	dossierKind    struct{}
	registerKind   struct{}
	codeKind       struct{}
	emailKind      struct{}
	messageKind    struct{}
	importKind     struct{}
	webhookKind    struct{}
	outEventKind   struct{}
	departureKind  struct{}
	dataExportKind struct{}
	erasureKind    struct{}
	orgExportKind  struct{}
	reviewKind     struct{}
	mergeKind      struct{}
)

func (orgKind) prefix() string        { return "org" }
func (siteKind) prefix() string       { return "ste" }
func (accountKind) prefix() string    { return "acc" }
func (memberKind) prefix() string     { return "mbr" }
func (invitationKind) prefix() string { return "inv" }
func (roleKind) prefix() string       { return "rol" }
func (tokenKind) prefix() string      { return "tok" }
func (sessionKind) prefix() string    { return "ses" }
func (eventKind) prefix() string      { return "aud" }
func (jobKind) prefix() string        { return "job" }
func (draftKind) prefix() string      { return "drf" }
func (credentialKind) prefix() string { return "crd" }
func (alertKind) prefix() string      { return "alr" }
func (noticeKind) prefix() string     { return "ntc" }
func (agendaKind) prefix() string     { return "agd" }
func (messagingKind) prefix() string  { return "msg" }
func (identityKind) prefix() string   { return "idn" }
func (groupKind) prefix() string      { return "grp" }
func (delegationKind) prefix() string { return "dlg" }
func (changeSetKind) prefix() string  { return "cst" }
func (grantKind) prefix() string      { return "gnt" }
func (factorKind) prefix() string     { return "fct" }
func (halfKind) prefix() string       { return "hlf" }
func (deviceKind) prefix() string     { return "dev" }
func (blobKind) prefix() string       { return "blb" }
func (documentKind) prefix() string   { return "doc" }
func (dossierKind) prefix() string    { return "dos" }
func (registerKind) prefix() string   { return "reg" }
func (codeKind) prefix() string       { return "cod" }
func (emailKind) prefix() string      { return "eml" }
func (messageKind) prefix() string    { return "mes" }
func (importKind) prefix() string     { return "imp" }
func (webhookKind) prefix() string    { return "whk" }
func (outEventKind) prefix() string   { return "evt" }
func (departureKind) prefix() string  { return "dep" }
func (dataExportKind) prefix() string { return "dex" }
func (erasureKind) prefix() string    { return "ers" }
func (orgExportKind) prefix() string  { return "oex" }
func (reviewKind) prefix() string     { return "rev" }
func (mergeKind) prefix() string      { return "acm" }

// The IDs by the name of what they name.
type (
	Org          = ID[orgKind]
	Site         = ID[siteKind]
	Account      = ID[accountKind]
	Member       = ID[memberKind]
	Invitation   = ID[invitationKind]
	Role         = ID[roleKind]
	Token        = ID[tokenKind]
	Session      = ID[sessionKind]
	Event        = ID[eventKind]
	Job          = ID[jobKind]
	Draft        = ID[draftKind]
	Credential   = ID[credentialKind]
	Alert        = ID[alertKind]
	Notice       = ID[noticeKind]
	Agenda       = ID[agendaKind]
	Messaging    = ID[messagingKind]
	Identity     = ID[identityKind]
	Group        = ID[groupKind]
	Delegation   = ID[delegationKind]
	ChangeSet    = ID[changeSetKind]
	Grant        = ID[grantKind]
	Factor       = ID[factorKind]
	Half         = ID[halfKind]
	Device       = ID[deviceKind]
	Blob         = ID[blobKind]
	Document     = ID[documentKind]
	Registration = ID[registerKind]
	Dossier      = ID[dossierKind] // of a member: DossierOf, MemberOf
	Code         = ID[codeKind]
	EmailChange  = ID[emailKind]
	Message      = ID[messageKind] // written to members
	Import       = ID[importKind]
	Webhook      = ID[webhookKind]  // an endpoint
	OutEvent     = ID[outEventKind] // told to other systems
	Departure    = ID[departureKind]
	DataExport   = ID[dataExportKind] // what somebody takes away of what is kept about them
	Erasure      = ID[erasureKind]
	OrgExport    = ID[orgExportKind]
	Review       = ID[reviewKind]
	AccountMerge = ID[mergeKind]
)

// Makers and readers, one pair a kind.
var (
	NewOrg, ParseOrg               = New[orgKind], Parse[orgKind]
	NewSite, ParseSite             = New[siteKind], Parse[siteKind]
	NewAccount, ParseAccount       = New[accountKind], Parse[accountKind]
	NewMember, ParseMember         = New[memberKind], Parse[memberKind]
	NewInvitation, ParseInvitation = New[invitationKind], Parse[invitationKind]
	NewRole, ParseRole             = New[roleKind], Parse[roleKind]
	NewToken, ParseToken           = New[tokenKind], Parse[tokenKind]
	NewSession, ParseSession       = New[sessionKind], Parse[sessionKind]
	NewEvent, ParseEvent           = New[eventKind], Parse[eventKind]
	NewJob                         = New[jobKind]
	NewDraft, ParseDraft           = New[draftKind], Parse[draftKind]
	NewCredential                  = New[credentialKind]
	NewAlert, ParseAlert           = New[alertKind], Parse[alertKind]
	NewNotice, ParseNotice         = New[noticeKind], Parse[noticeKind]
	NewAgenda, ParseAgenda         = New[agendaKind], Parse[agendaKind]
	NewMessaging, ParseMessaging   = New[messagingKind], Parse[messagingKind]
	NewIdentity, ParseIdentity     = New[identityKind], Parse[identityKind]
	NewGroup, ParseGroup           = New[groupKind], Parse[groupKind]
	NewDelegation, ParseDelegation = New[delegationKind], Parse[delegationKind]
	NewChangeSet, ParseChangeSet   = New[changeSetKind], Parse[changeSetKind]
	NewGrant, ParseGrant           = New[grantKind], Parse[grantKind]
	NewFactor, ParseFactor         = New[factorKind], Parse[factorKind]
	NewHalf                        = New[halfKind]
	NewDevice, ParseDevice         = New[deviceKind], Parse[deviceKind]
	NewBlob, ParseBlob             = New[blobKind], Parse[blobKind]
	NewDocument, ParseDocument     = New[documentKind], Parse[documentKind]
	NewRegistration                = New[registerKind]
	ParseDossier                   = Parse[dossierKind]
	NewCode                        = New[codeKind]
	NewEmailChange                 = New[emailKind]
	NewMessage, ParseMessage       = New[messageKind], Parse[messageKind]
	NewImport, ParseImport         = New[importKind], Parse[importKind]
	NewWebhook, ParseWebhook       = New[webhookKind], Parse[webhookKind]
	NewOutEvent, ParseOutEvent     = New[outEventKind], Parse[outEventKind]
	NewDeparture                   = New[departureKind]
	NewDataExport, ParseDataExport = New[dataExportKind], Parse[dataExportKind]
	NewErasure                     = New[erasureKind]
	NewOrgExport                   = New[orgExportKind]
	NewReview, ParseReview         = New[reviewKind], Parse[reviewKind]
	NewAccountMerge                = New[mergeKind]
	ParseAccountMerge              = Parse[mergeKind]
)

// DossierOf names the file of a member: there is one at most, so that it has the same UUID.
func DossierOf(m Member) Dossier { return Dossier(swap(string(m), "mbr_", "dos_")) }

// MemberOf names the member of a file.
func MemberOf(d Dossier) Member { return Member(swap(string(d), "dos_", "mbr_")) }

func swap(s, from, to string) string {
	rest, ok := strings.CutPrefix(s, from)
	if !ok {
		return ""
	}
	return to + rest
}

// Typed reports whether a text is written as an identifier of ours, of whatever kind.
func Typed(s string) bool {
	if len(s) != length || s[3] != '_' {
		return false
	}
	u, err := uuid.Parse(s[4:])
	return err == nil && u.String() == s[4:]
}
