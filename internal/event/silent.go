package event

// Reasons for which a verb tells nothing; several verbs share each.
const (
	readOnly    = "consults, exports or writes to somebody: nothing changes"
	ownProof    = "how a person proves who they are: what it ends tells itself (SessionsEnded)"
	notYet      = "nobody has more or fewer rights by it"
	insideOnly  = "settings and housekeeping of this installation, of which no connected application has a part"
	toldBy      = "the act that follows from it tells"
	wholeOrg    = "while an organisation is closed nothing is sent and its feed is closed; afterwards both go on where they were"
	decisionAsk = "what decisions ask of the connection: whoever asks for one is told"
	ofItself    = "where events are sent: its readers are those who are told"

	alreadyGone    = "it was told as gone when it was hidden"
	ofApplications = "what an application itself says that somebody holds"
)

// Silent are the verbs that tell other systems nothing, each with its reason.
var Silent = map[string]string{
	"account.merge": toldBy, "account.unmerge": toldBy, "account.finish_merge": notYet,
	"login.merge": ownProof, "login.merge_second": ownProof,
	"account.create": toldBy, "account.activate": toldBy, "account.reset_factors": toldBy, "admin.create": insideOnly,
	"alert.dismiss": notYet, "alert.raise": notYet, "alert.withdraw": notYet,
	"audit.export": readOnly, "audit.sign_ins": readOnly, "decision.ask": readOnly,
	"decisions.edit": decisionAsk, "decisions.policy": readOnly,
	"delegation.propose": notYet, "delegation.refuse": notYet,
	"demo.load": insideOnly, "demo.passwords": insideOnly, "demo.totp": insideOnly,
	"departure.erase": alreadyGone, "device.end": ownProof, "device.remember": ownProof, "directory.load": insideOnly,
	"document.add": notYet, "document.look": readOnly, "document.purge": notYet, "document.remove": notYet, "document.scan": notYet,
	"dossier.certify": toldBy, "dossier.refresh": toldBy, "dossier.revoke": toldBy, "dossier.rule": toldBy, "dossier.tell": readOnly,
	"email.ask": notYet, "email.cancel": notYet, "email.correct": notYet,
	"exit.ask": wholeOrg, "exit.begin": wholeOrg, "exit.drop": wholeOrg,
	"exit.export": readOnly, "exit.export_download": readOnly, "exit.export_fail": readOnly,
	"exit.export_ready": readOnly, "exit.finish": wholeOrg, "exit.take_back": wholeOrg,
	"factor.add": ownProof, "factor.add_address": ownProof, "factor.ask_loss": ownProof, "factor.ask_removal": ownProof,
	"factor.begin": ownProof, "factor.lose": ownProof, "factor.make_recovery": ownProof, "factor.prove_address": ownProof,
	"factor.remove": ownProof, "factor.rename": ownProof, "factor.rest": ownProof, "factor.send_code": ownProof,
	"factor.copied": ownProof, "factor.stop_loss": ownProof, "factor.stop_removal": ownProof,
	"import.check": notYet, "import.commit": toldBy, "import.create": notYet,
	"installation.backup": insideOnly, "installation.restore": insideOnly,
	"invitation.create": notYet, "invitation.delete": notYet, "invitation.resend": notYet, "invitation.send": notYet,
	"keys.reseal": insideOnly, "keys.rotate": insideOnly,
	"login.change_password": ownProof, "login.finish_setup": ownProof, "login.first_proof": ownProof, "login.forgot": ownProof,
	"login.many_failures": ownProof, "login.new_setup_link": ownProof, "login.passkey_wrong": ownProof, "login.prove_second": ownProof,
	"login.reset": ownProof, "login.reset_link": ownProof, "login.second": ownProof, "login.second_wrong": ownProof,
	"login.step_up": ownProof, "login.temporary_password": ownProof,
	"member.export": readOnly, "member.give_factor": ownProof, "member.take_factor": ownProof, "member.keep_factors": ownProof,
	"message.send":   readOnly,
	"privacy.export": readOnly, "privacy.export_mine": readOnly, "privacy.list": readOnly, "privacy.prepare": readOnly,
	"privacy.download": readOnly, "privacy.expire": readOnly, "privacy.preview": readOnly, "privacy.erase": toldBy,
	"privacy.erase_account": toldBy, "privacy.step": toldBy, "privacy.stopped": notYet, "privacy.account_erased": notYet,
	"privacy.ask_erasure": notYet, "privacy.begin_erasure": toldBy, "privacy.stop_erasure": notYet,
	"privacy.find_account": readOnly, "privacy.list_erasures": readOnly,
	"org.create": toldBy, "org.edit": insideOnly, "org.features": wholeOrg, "org.resume": wholeOrg, "org.suspend": wholeOrg,
	"organization.open_networks": insideOnly,
	"registration.begin":         notYet, "registration.complete": notYet, "registration.letter": readOnly, "registration.open": readOnly,
	"registration.password": ownProof, "registration.person": notYet, "registration.prove_email": ownProof,
	"registration.prove_phone": ownProof, "registration.remove": notYet, "registration.send_code": ownProof,
	"registration.wrong_code":    ownProof,
	"registration.mailbox_ended": notYet, "registration.mailboxes_read": notYet, "registration.prove_mailbox": ownProof,
	"registration.send_mailbox_code": ownProof,
	"report.export":                  readOnly,
	"review.assign":                  notYet, "review.decide": notYet, "review.end": toldBy,
	"review.file": readOnly, "review.remind": readOnly,
	"review.step":     toldBy,
	"retention.apply": insideOnly,
	"retention.edit":  insideOnly,
	"rights.export":   readOnly,
	"role.create":     notYet, "role.duplicate": notYet,
	"security.edit": insideOnly, "session.lock": ownProof, "session.share": ownProof, "session.unshare": ownProof,
	"settings.edit": insideOnly, "settings.registration": insideOnly,
	"token.create": insideOnly, "token.revoke": insideOnly,
	"watch.confirm": insideOnly, "watch.halt": insideOnly, "watch.resume": insideOnly,
	"webhook.create": ofItself, "webhook.edit": ofItself, "webhook.remove": ofItself, "webhook.rotate": ofItself,
	"webhook.start": ofItself, "webhook.stop": ofItself, "webhook.hand": ofItself, "webhook.test": ofItself, "webhook.replay": ofItself,
	"workitem.register": ofApplications, "workitem.register_many": ofApplications, "workitem.remove": ofApplications,
}
