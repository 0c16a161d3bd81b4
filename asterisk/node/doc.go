// Package node runs one Asterisk process with directories of its own.
//
// [Start] renders the node's configuration from the templates below etc/, starts
// the process and returns when its ARI answers. [Command] gives the same process
// unstarted, for a caller that wants it to outlive itself. Both share [Render],
// so that tests run what the product runs. Nothing of the system's own Asterisk,
// its configuration or its service is read or written.
//
// # Why a private root, and why its own loader
//
// The distributions that the product runs on carry an older Asterisk. A private
// root of signed packages of the distribution that has Asterisk 22 is run by the
// dynamic loader of that root (ld-linux --library-path …): no chroot, no mount,
// no container, no capability, any user, several nodes side by side.
//
// # Why the user
//
// Asterisk speaks to strangers, so it never runs as root. When the caller is
// root, the process is the user who called sudo, or nobody, with an empty set of
// groups and no_new_privs. A folder above the node or its root may be closed to
// that user (a home of mode 0700); only then the process keeps one capability,
// CAP_DAC_READ_SEARCH, which opens closed folders for reading.
//
// # What the configuration promises
//
// Citizens are whoever is neither a seat nor a trunk: the endpoint "anonymous",
// context from-citizen. Whatever they dial goes to
//
//	Stasis(<app>,in,<dialled digits>,<digits of X-Region>,<endpoint>)
//
// and when no gateway takes it, the context to-a-person rings the seats and then
// the duty officer until the caller leaves. It never hangs up. A gateway that can
// not go on may continue a channel there itself (context to-a-person, extension
// s). Seats are the endpoints of their id, challenged with digest; they dial
// nothing themselves. Outside numbers are PJSIP/<number>@carrier and @police.
// A relative sound of ARI ("sound:greeting") is found as
// <Sounds>/<language>/greeting.wav.
package node
