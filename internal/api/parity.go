package api

// Act is where a program finds what a noun can do: an operation of this API, or the
// reason why there is none. «Everything the web can do, the API can do» (product.md 8).
type Act struct {
	Operations []string // operationId
	Reason     string   // why no route: exactly one of the two is given
}

func by(operations ...string) Act { return Act{Operations: operations} }

func not(reason string) Act { return Act{Reason: reason} }

// Reasons that several acts share.
const (
	byBrowser = "opens, proves or ends a browser's session: a program has a token instead, which needs none of them (rest.md, Conventions)"
	byNetwork = "the network that a browser signs in from is what is proved: a program has a token, which needs no second factor"
	byDevice  = "asks a person's device through the page that their browser shows, which proves where it is (WebAuthn): " +
		"a program has no such page; passkeys are listed and removed like every factor"
	byPage      = "keeps what was typed into the steps of a page: a program sends the whole at once"
	byRehearsal = "says on a page what the act would do: a program reads the member before, and the act answers with the member after"
	byLetter    = "is behind a link mailed to one address of a person, who decides on the page it opens (DESIGN.md 0): " +
		"a program has no mailbox"
	byConsole = "the first platform administrator comes by a single-use link of the operator's console, never by the network (rules.md 23)"
)

// Acts names the route of every exported act of the nouns: each method that takes
// an actor. A test finds the acts in the sources and fails when one is missing here.
var Acts = map[string]Act{
	"account.Accounts.Me":     by("getMe"),
	"account.Accounts.EditMe": by("editMe"),

	"org.Orgs.All":      by("listOrganizations"),
	"org.Orgs.Get":      by("getOrganization"),
	"org.Orgs.Enter":    not("reads for a page what getOrganization and getMe tell: the organisation of the URL, and what the person may do"),
	"org.Orgs.Find":     not("a step of every route under /organizations/{org}: the ID behind a slug"),
	"org.Orgs.Edit":     by("editOrganization"),
	"org.Orgs.Suspend":  by("suspendOrganization"),
	"org.Orgs.Resume":   by("resumeOrganization"),
	"org.Orgs.Sites":    by("listSites"),
	"org.Orgs.Site":     by("getSite"),
	"org.Orgs.EditSite": by("editSite"),

	"directory.Directory.Find": by("findPractitioners"),

	"dossier.Alerts.List":   by("listDirectoryAlerts"),
	"dossier.Alerts.Decide": by("decideDirectoryAlert"),
	"dossier.Alerts.Count":  not("the number beside the list of members: listDirectoryAlerts tells it as its total"),
	"dossier.Watch.Confirm": not("whoever runs the machine knows whether what was loaded is right: habilis directory confirm"),

	"draft.Drafts.Save":   not(byPage),
	"draft.Drafts.Load":   not(byPage),
	"draft.Drafts.List":   not(byPage),
	"draft.Drafts.Delete": not(byPage),

	"setting.Settings.Security":    by("getSecurityPolicy"),
	"setting.Settings.SetSecurity": by("editSecurityPolicy"),
	"login.Logins.PolicyEffect":    not(byRehearsal),
	"login.Logins.Entry":           not("a step of every page and route of an organisation, for a browser: tokens are not concerned"),

	"login.Logins.MemberSecurity": by("listMemberFactors"),
	"login.Logins.MemberSessions": by("listMemberSessions"),
	"login.Logins.GiveAddress":    by("giveMemberFactor"),
	"login.Logins.GivePhone":      by("giveMemberFactor"),
	"login.Logins.TakeFactor":     by("takeMemberFactor"),
	"login.Logins.ResetFactors":   by("resetMemberFactors"),
	"login.Logins.ResetAccount":   by("resetAccountFactors"),
	"login.Logins.FindAccount":    not("names on a page whom resetAccountFactors would touch, before it does"),
	"login.Logins.Factors":        by("listMyFactors", "getMyRecoveryCodes"),
	"login.Logins.Factor":         not("one of those that listMyFactors lists, for its page"),
	"login.Logins.BeginTOTP":      by("beginMyTOTP"),
	"login.Logins.PendingTOTP":    not("shows a page again while it waits for the proof: a program keeps what beginMyTOTP answered"),
	"login.Logins.ConfirmTOTP":    by("confirmMyTOTP"),
	"login.Logins.RenameFactor":   by("renameMyFactor"),
	"login.Logins.RemoveFactor":   by("removeMyFactor"),
	"login.Logins.AskRemoval":     by("askMyFactorRemoval"),
	"login.Logins.KeepFactor":     by("keepMyFactor"),
	"login.Logins.MakeRecovery":   by("makeMyRecoveryCodes"),
	"login.Logins.CheckStop":      not(byLetter),
	"login.Logins.Stop":           not(byLetter),

	"login.Logins.BeginPhone":     by("beginMyPhone"),
	"login.Logins.SendPhoneProof": by("sendMyPhoneCode"),
	"login.Logins.ProvePhone":     by("proveMyPhone"),
	"login.Logins.MyPhone":        not("the numbers that wait, for the pages that prove them: listMyFactors tells every factor"),
	"login.Logins.SendSMS":        not(byBrowser),
	"login.Logins.OwnAddress":     by("listMyFactors"),
	"login.Logins.AddAddress":     not(byNetwork),
	"login.Logins.ConfirmAddress": not(byNetwork),

	"role.Roles.List":          by("listRoles"),
	"role.Roles.Get":           by("getRole"),
	"role.Roles.Grantable":     by("listRoles"),
	"role.Roles.Create":        by("createRole"),
	"role.Roles.PreviewCreate": not(byRehearsal),
	"role.Roles.Duplicate":     by("createRole"),
	"role.Roles.Remove":        by("removeRole"),

	"grant.Grants.Preview":       by("changeRights"),
	"grant.Grants.Apply":         by("changeRights"),
	"grant.Grants.PreviewUndo":   by("undoChangeSet"),
	"grant.Grants.Undo":          by("undoChangeSet"),
	"grant.Grants.ChangeSet":     by("getChangeSet"),
	"grant.Grants.ChangeSets":    by("listChangeSets"),
	"grant.Grants.OfMember":      by("getMemberRights"),
	"grant.Grants.OfResource":    by("getAgendaAccess", "getMessagingProfileAccess", "getIdentityAccess"),
	"grant.Grants.OfResourceAt":  by("getAgendaAccess", "getMessagingProfileAccess", "getIdentityAccess"),
	"grant.Grants.PreviewScopes": by("changeScopeLevels"),
	"grant.Grants.ApplyScopes":   by("changeScopeLevels"),
	"grant.Grants.ExportLevels":  by("exportAccess"),
	"grant.Grants.ExportScopes":  by("exportAccess"),
	"grant.Grants.Scopes":        not("lays out a page: a program reads getMemberRights, or exportAccess"),
	"grant.Grants.Matrix":        not("lays out a page: a program reads getAgendaAccess and getMemberRights"),

	"grant.Delegations.List":     by("listDelegations"),
	"grant.Delegations.Get":      by("getDelegation"),
	"grant.Delegations.OfMember": not("reads for the sheet of a member what listDelegations tells with member and with holder"),
	"grant.Delegations.Choices":  not("fills the lists of a form: a program has listMembers and listIdentities"),
	"grant.Delegations.Concern":  not("says whether a page has a link to «Mes délégations»: listMyDelegations tells it"),
	"grant.Delegations.Mine":     by("listMyDelegations"),
	"grant.Delegations.Review":   not(byRehearsal),
	"grant.Delegations.Give":     by("giveDelegations", "giveMyDelegations"),
	"grant.Delegations.Edit":     by("editDelegation"),
	"grant.Delegations.End":      by("endDelegation"),
	"grant.Delegations.EndMine":  by("endMyDelegation"),
	"grant.Delegations.Confirm":  by("confirmDelegation"),
	"grant.Delegations.Refuse":   by("refuseDelegation"),

	"resource.Resources.Create": by("createAgenda", "createMessagingProfile", "createIdentity"),
	"resource.Resources.List":   by("listAgendas", "listMessagingProfiles", "listIdentities"),
	"resource.Resources.Get":    by("getAgenda", "getMessagingProfile", "getIdentity"),
	"resource.Resources.Edit":   by("editAgenda", "editMessagingProfile", "editIdentity"),
	"resource.Resources.Close":  by("closeAgenda", "closeMessagingProfile", "closeIdentity"),
	"resource.Resources.Reopen": by("reopenAgenda", "reopenMessagingProfile", "reopenIdentity"),

	"recordgroup.Groups.List":           by("listAccessGroups"),
	"recordgroup.Groups.Get":            by("getAccessGroup"),
	"recordgroup.Groups.Create":         by("createAccessGroup"),
	"recordgroup.Groups.Edit":           by("editAccessGroup"),
	"recordgroup.Groups.Remove":         by("removeAccessGroup"),
	"recordgroup.Groups.PreviewRemove":  by("removeAccessGroup"),
	"recordgroup.Groups.Members":        by("listAccessGroupMembers"),
	"recordgroup.Groups.Membership":     by("listAccessGroupMembers"),
	"recordgroup.Groups.OfMember":       by("listAccessGroups"),
	"recordgroup.Groups.SetMembers":     by("setAccessGroupMember"),
	"recordgroup.Groups.RemoveMember":   by("removeAccessGroupMember"),
	"recordgroup.Groups.Records":        by("listAccessGroupRecords"),
	"recordgroup.Groups.ChangeRecords":  by("changeAccessGroupRecords", "addAccessGroupRecord", "removeAccessGroupRecord"),
	"recordgroup.Groups.PreviewRecords": by("changeAccessGroupRecords", "addAccessGroupRecord", "removeAccessGroupRecord"),
	"recordgroup.Groups.Unlisted":       by("editSettings"),
	"setting.Settings.Decisions":        by("getDecisionPolicy"),
	"setting.Settings.SetDecisions":     by("editDecisionPolicy"),
	"setting.Settings.Records":          by("getSettings"),
	"setting.Settings.SetRecords":       by("editSettings"),

	"session.Sessions.List":      by("listMySessions"),
	"session.Sessions.End":       by("endMySession"),
	"session.Sessions.EndOthers": by("endMyOtherSessions"),
	"session.Sessions.Devices":   by("listMyDevices"),
	"session.Sessions.EndDevice": by("forgetMyDevice"),
	"session.Sessions.Lock":      not(byBrowser),
	"session.Sessions.Share":     not(byBrowser),

	"token.Tokens.Make":   by("createToken", "createMyToken", "createPlatformToken"),
	"token.Tokens.List":   by("listTokens", "listMyTokens", "listPlatformTokens"),
	"token.Tokens.Revoke": by("revokeToken", "revokeMyToken", "revokePlatformToken"),

	"journal.Journal.List":     by("listAuditEvents"),
	"journal.Journal.Get":      by("getAuditEvent"),
	"journal.Journal.OfMember": by("listMemberHistory"),
	"journal.Journal.Mine":     by("listMyAuditEvents"),
	"journal.Journal.SignIns":  by("listMySignIns"),
	"journal.Journal.Export":   by("exportAuditEvents"),
	"journal.Journal.Choices":  not("fills the lists of a page's filters: a program has listMembers and listSites"),

	"decision.Log.List":        by("listDecisions"),
	"decision.Insight.Why":     not("says an answer on a page, with names: a program asks POST /access/v1/evaluation, which gives the facts"),
	"decision.Insight.Rights":  not("says on a page what getMemberRights tells, at a past date too: a program searches with context.at"),
	"decision.Insight.Viewers": not("says on a page what POST /access/v1/search/subject finds for a patient_record, at a past date too"),
	"decision.Insight.Choices": not("fills the lists of a page's form: a program has listMembers and the lists of resources"),
	"decision.Decisions.Bind":  not("a step of the decision routes: the organisation that a person's own token asks about"),

	"member.Members.List":        by("listMembers"),
	"member.Members.Get":         by("getMember"),
	"member.Members.Edit":        by("editMember"),
	"member.Members.PreviewEdit": not(byRehearsal),
	"member.Members.ChangeRights": by("giveRole", "takeRole", "givePermission", "takePermission", "addMemberToSite",
		"removeMemberFromSite"),
	"member.Members.PreviewRights":      not(byRehearsal),
	"member.Members.EditRole":           by("editRole"),
	"member.Members.PreviewRole":        by("editRole"),
	"member.Members.RoleHolders":        not("names on a page who holds a role: a program reads listMembers with role"),
	"member.Members.Deactivate":         by("deactivateMember"),
	"member.Members.Reactivate":         by("reactivateMember"),
	"member.Members.Appoint":            by("appointAdministrator"),
	"member.Members.Withdraw":           by("withdrawAdministrator"),
	"member.Members.AddSite":            by("addMemberToSite"),
	"member.Members.RemoveSite":         by("removeMemberFromSite"),
	"member.Members.ReviewDeactivation": by("deactivateMembers"),
	"member.Members.DeactivateAll":      by("deactivateMembers"),
	"member.Members.Helpers":            not("names on a page who could give the right: a program reads listMembers with admin=true"),
	"member.Members.Leave":              by("leaveOrganization"),
	"member.Members.Places":             by("listMyOrganizations", "listOrganizations"),
	"member.Members.CreateSite":         by("createSite"),
	"member.Members.CloseSite":          by("closeSite"),

	"invitation.Invitations.List":   by("listInvitations"),
	"invitation.Invitations.Get":    by("getInvitation"),
	"invitation.Invitations.Resend": by("resendInvitation"),
	"invitation.Invitations.Delete": by("deleteInvitation"),

	"enrolment.Enrolments.Invite":       by("invite"),
	"enrolment.Enrolments.Preview":      by("invite"),
	"enrolment.Enrolments.CheckCreate":  by("createMember"),
	"enrolment.Enrolments.Create":       by("createMember"),
	"enrolment.Enrolments.InviteMember": by("inviteMember"),
	"enrolment.Enrolments.Open":         by("openActivation"),
	"enrolment.Enrolments.Finish":       by("finishActivation"),
	"enrolment.Enrolments.Join":         by("joinActivation"),
	"enrolment.Enrolments.Found":        by("createOrganization"),

	"login.Logins.SignIn":       not(byBrowser),
	"login.Logins.Pending":      not(byBrowser),
	"login.Logins.Second":       not(byBrowser),
	"login.Logins.Enrol":        not(byBrowser),
	"login.Logins.EnrolTOTP":    not(byBrowser),
	"login.Logins.EnrolledTOTP": not(byBrowser),
	"login.Logins.FinishEnrol":  not(byBrowser),
	"login.Logins.ToProve":      not(byBrowser),
	"login.Logins.ProveSecond":  not(byBrowser),
	"login.Logins.SignOut":      not(byBrowser),
	"login.Logins.StepUp":       not(byBrowser),

	"login.Logins.HasPasskey":         not("says to a page whether to offer a button: a program reads the person's factors"),
	"login.Logins.BeginPasskeySignIn": not(byDevice),
	"login.Logins.SignInPasskey":      not(byDevice),
	"login.Logins.BeginPasskeySecond": not(byDevice),
	"login.Logins.BeginPasskeyHalf":   not(byDevice),
	"login.Logins.BeginPasskeyStepUp": not(byDevice),
	"login.Logins.StepUpPasskey":      not(byDevice),
	"login.Logins.MayAddPasskey":      not(byDevice),
	"login.Logins.BeginPasskey":       not(byDevice),
	"login.Logins.AddPasskey":         not(byDevice),

	"login.Logins.AskEmail":          by("askEmail"),
	"login.Logins.MayAskEmail":       not(byRehearsal),
	"login.Logins.AskedEmail":        by("getEmailChange"),
	"login.Logins.CancelEmail":       by("cancelEmailChange"),
	"login.Logins.CorrectEmail":      by("correctMemberEmail"),
	"login.Logins.CheckCorrectEmail": not(byRehearsal),
	"login.Logins.CheckEmail":        not(byLetter),
	"login.Logins.ConfirmEmail":      not(byLetter),
	"login.Logins.CheckUndoEmail":    not(byLetter),
	"login.Logins.UndoEmail":         not(byLetter),

	"login.Logins.Forgot":         by("forgotPassword"),
	"login.Logins.CheckReset":     by("checkReset"),
	"login.Logins.Reset":          by("resetPassword"),
	"login.Logins.ChangePassword": by("changePassword"),
	"login.Logins.NewSetUpLink":   not(byConsole),
	"login.Logins.CheckSetUp":     not(byConsole),
	"login.Logins.FinishSetUp":    not(byConsole),
}
