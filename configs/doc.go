// Package configs holds the configuration of Jilin and the strict reader of
// it. Read checks everything and returns every fault, each with its file,
// line, column and the name that was probably meant; only files without fault
// become a Snapshot. A Holder replaces the snapshot in use whole or not at
// all.
//
// # How the files are read
//
// The files are YAML in UTF-8 without byte order mark, indented by spaces, at
// most 1 MiB each. Unknown and repeated keys are faults. There are no
// conversions: a text that looks like a number needs quotes, so that no
// telephone number loses its zero ("0110", "220100", the key "6"). Durations
// carry a unit (15s, 2m, 1h30m). Anchors, aliases, merges and tags are not
// used, and one file is one document. Files with other names than these are
// faults, because nothing would read them. The last line has an end: a file
// that was cut off in the middle of a line is told by it.
//
// # How they come into use
//
// All or nothing, and for new calls only; any fault leaves the version in use
// where it is. A change of the files is used when they have been the same for
// half a second, or two seconds when a file has become shorter or has gone: it
// may be a copy that is still under way. SIGHUP and POST /api/v1/-/reload use
// them at once. POST /api/v1/-/rollback goes back one version without touching
// the files; that holds, over restarts too, until the files change or somebody
// reloads. A start with files that come to an uncovered minute of the rota is
// possible only for a version that has been in use before.
//
// # gateway.yaml
//
// The settings of one gateway, see Settings. Read once, by ReadSettings; every
// key has a variable that goes before the file.
//
//	key                      variable                         default
//	var                      WEIBAO_VAR                       var
//	node                     WEIBAO_NODE                      node1
//	recording                WEIBAO_RECORDING                 on
//	http.listen              WEIBAO_HTTP_LISTEN               127.0.0.1:8080
//	asterisk.url             WEIBAO_ASTERISK_URL              http://127.0.0.1:8088/ari
//	asterisk.app             WEIBAO_ASTERISK_APP              weibao
//	asterisk.user            WEIBAO_ASTERISK_USER             weibao
//	asterisk.password        WEIBAO_ASTERISK_PASSWORD         none
//	asterisk.password_file   WEIBAO_ASTERISK_PASSWORD_FILE    secrets/ari-password in var
//	asterisk.recordings      WEIBAO_ASTERISK_RECORDINGS       asterisk/spool/recording in var
//	asterisk.sounds          WEIBAO_ASTERISK_SOUNDS           sounds in var
//	asterisk.trunk_channels  WEIBAO_ASTERISK_TRUNK_CHANNELS   60; 0 is no limit
//	asterisk.reserved        WEIBAO_ASTERISK_RESERVED         6, of trunk_channels, for 110 alone
//	redis.address            WEIBAO_REDIS_ADDRESS             127.0.0.1:16379
//	redis.password           WEIBAO_REDIS_PASSWORD            none
//	redis.password_file      WEIBAO_REDIS_PASSWORD_FILE       none
//	redis.prefix             WEIBAO_REDIS_PREFIX              weibao:
//	record.dsn               WEIBAO_RECORD_DSN                sqlite: and weibao.db in var
//	record.journal           WEIBAO_RECORD_JOURNAL            journal in var
//	record.archive           WEIBAO_RECORD_ARCHIVE            recordings in var
//	record.archive_second    WEIBAO_RECORD_ARCHIVE_SECOND     recordings-second in var
//	record.archive_key       WEIBAO_RECORD_ARCHIVE_KEY        secrets/recordings.key in var
//	record.cipher            WEIBAO_RECORD_CIPHER             age
//	record.purge_key         WEIBAO_RECORD_PURGE_KEY          secrets/purge.key in var
//	logins                   WEIBAO_LOGINS                    secrets/logins.json in var
//	log.level                WEIBAO_LOG_LEVEL                 info
//	log.format               WEIBAO_LOG_FORMAT                text
//
// WEIBAO_HTTP_PORT, WEIBAO_ARI_PORT and WEIBAO_REDIS_PORT move the port of
// http.listen, asterisk.url and redis.address, from wherever the rest of the
// address comes; the long variable goes before the short one.
//
// # regions.yaml
//
// The province as a tree, see regionsFile:
//
//	home                 code of the region of a call that says nothing of its own
//	regions[].code       six digits of GB/T 2260, or an own name
//	regions[].name       what people say
//	regions[].parent     the unit above; only the province has none
//	regions[].duty       whose duty post answers; default: its own, else its parent's
//	regions[].area_code  default: the parent's
//	regions[].police     direct numbers, after area code + 110; default: none
//	regions[].trunks     line groups that carry this city's calls only; default: none
//	regions[].neighbours cities whose seats help first, for queue:neighbours; default: none
//	regions[].languages  zh, ko, en in the order of greeting; default: the parent's, else [zh]
//
// # menus/*.yaml
//
// What callers hear first, see menuShape. Every way leads to a person:
//
//	menus.NAME.for        cities whose callers it greets, "*" is any other; line, line.withheld
//	                      and line.settled for who waits in line; default: none
//	menus.NAME.greeting   prompts in order; <region> stands for the city's code
//	menus.NAME.wait       1s to 15s after the greeting; default: 5s
//	menus.NAME.keys       "0" to "9", "*", "#"
//	menus.NAME.silence    when no key came
//	menus.NAME.wrong      for any other key
//
// A choice has say (prompts on the way), language (the one that the caller has
// chosen with it), and one of menu (the next level) and intent (to a person);
// with intent, act: person asks for a person now. In line there is an act in
// the place of the intent: person, callback (with hours of the plan), unsafe, or
// wait, which leads back into the line. Nobody can leave a call-back who was not
// asked whether it is safe.
// Each language of a greeting takes 8 s at most.
//
// # prompts.yaml
//
// Everything that is said, see promptsFile:
//
//	prompts.NAME.LANG.text    what is said; LANG is zh (always), ko, en
//	prompts.NAME.LANG.pinyin  how it is spoken, for zh: "nin2 hao3", digits written out
//	prompts.NAME.LANG.sound   a recorded file with another name than the prompt's
//	purposes.connecting       when the search for a person begins
//	purposes.comfort          from time to time in line; default: nothing
//	purposes.promised         after a call-back was left; default: nothing
//	purposes.place            the sentence for so many ahead in line, and more; default: nothing
//	purposes.wait             the sentence for a wait from … to …; default: nothing
//	purposes.closing          when the listener has hung up
//	purposes.stay             when the listener is lost and the next is rung
//	purposes.region           what the seat hears of the place; default: nothing
//	purposes.keys             what the seat hears of a key; default: nothing
//	purposes.silence          … when no key was pressed; default: nothing
//	purposes.wrong            … when a wrong one was; default: nothing
//
// # plan.yaml
//
// Who takes a call, see planFile:
//
//	plan.name            what explain and the record call it
//	plan.priority        0 to 40, the higher is served first; default: 0
//	plan.steps[].to      queue:NAME, queue:region, queue:neighbours, pool:NAME,
//	                     duty:CODE, duty:region, number:DIGITS
//	plan.steps[].after   0s to 10m from the start of the search; default: 0s
//	plan.steps[].ratio   begins earlier when more than so many wait for each seat of
//	                     the steps before, also on entry; default: by time only
//	plan.steps[].languages, skills  what a seat of the step must have; default: any
//	plan.routes[]        name, match, and what is other than above: steps, priority, routes
//	…match               key, region, dialled, trunk, language, intent, missed, hours,
//	                     repeat, risk: one value or a list
//	hours.NAME[]         from, to, days, dates, holidays as in the shifts of rota/*.yaml
//	numbers              outside numbers that a seat may transfer to; default: none
//	times                prompt 30s, whisper 3s, reach 4s, duty_ring 25s, duty_rest 10s,
//	                     first_word 10s, comfort 20s, police 20s, filing 200ms, parting 4s, watch 1m,
//	                     mend 300ms, closing 5s, follow_up 30m,
//	                     call_back 30s, confirm 10s, again 10m, own 30s; see call.Times
//
// The last step of every list rings a duty post. "Hang up" can not be said.
//
// # queues.yaml
//
//	supervisors             the queue that is rung when a child's listener is gone
//	queues.NAME.title       what people see
//	queues.NAME.region      the city whose own queue it is; default: none, a pool
//	queues.NAME.strategy    leastrecent, fewestcalls, linear, rrmemory; default: leastrecent
//	queues.NAME.ring_for    5s to 60s for one seat; default: 15s
//	queues.NAME.wrap_up     0s to 30m of rest after a talk; default: 10s
//	queues.NAME.grave_wrap_up
//	                        0s to 2h of rest after a grave call; default: 2m
//	queues.NAME.reject_delay, busy_delay, no_answer_delay, unreachable_delay
//	                        1s to 30m before the seat is rung again after that
//	                        result; default: 30s, 10s, 10s, 30s
//	queues.NAME.max_no_answer
//	                        1 to 20 rings in vain in a row until the seat is
//	                        made away; default: 2
//	pools.NAME              queues, in the order in which they help; default: no pools
//
// # filings.yaml
//
//	key                  what a seat types in the talk to ask for 110; default: "*110"
//	key_gap              500ms to 10s between two of its digits; default: 3s
//	items                the situations that must be reported, in their order
//	other                the category until somebody has chosen one
//	categories[].name    what it is filed as
//	categories[].also    other words for it; default: none
//	categories[].items   numbers of the situations, from 1
//	sheet[].field        field of the seat's form
//	sheet[].title        its words on the hand-over sheet
//
// A configuration without this file has the four categories of the notice.
//
// # agents.yaml
//
//	skills.NAME          title of a skill
//	agents[].id          login and SIP user
//	agents[].name        the person's name
//	agents[].role        agent, supervisor, province, admin; default: agent
//	agents[].region      code of the unit
//	agents[].queues      queues served
//	agents[].skills      names from skills; default: none
//	agents[].languages   zh, ko, en; default: [zh]
//
// # rota/*.yaml
//
//	fallback             what Asterisk rings by itself without gateway and seats; in one file
//	posts.CODE.name      name of the duty post of a region
//	posts.CODE.numbers   rung in this order at every hour; then nothing of the rest
//	posts.CODE.zone      where its clocks hang; default: Asia/Shanghai
//	….officers.ID        name, and numbers in the order of ringing
//	….shifts[]           name; from and to on the wall (default: the whole day), to at or before
//	                     from is the next day; days, dates, holidays (default: any day); who: on, or
//	                     turns: from, every 7 days, teams
//	….replace[]          out, in, from, to ("2026-12-01 08:00"), why
//
// Of the shifts the first one that covers an instant counts, and it belongs to
// the day on which it begins. A shift comes on days that days (mon to sun,
// workday, weekend, holiday, swapped: one of them is enough), dates
// (2027-02-05..2027-02-12) and holidays (names) all allow. A post that has
// nobody at some minute of the next 30 days is a fault, of the kind FaultGap.
//
// # holidays/YEAR.yaml
//
// Days off and swapped workdays (调休) of one year, see holidaysFile. No year
// between two others may be missing:
//
//	holidays[].name         元旦 春节 清明 劳动 端午 中秋 国庆 are all there, each in some row
//	holidays[].from         first day off: 2026-02-15
//	holidays[].to           last day off; default: from
//	holidays[].workdays     Saturdays and Sundays of work for it; default: none
//	holidays[].provisional  true while the notice is not published; default: false
//	regions.CODE[]          the same of a region and the units below it; default: none
//
// # Why goccy's tree and a decoder of our own
//
// A decoder that stops at the first fault makes an admin run check ten times,
// and one that turns 0110 into a number makes a child reach nobody. goccy's
// parser gives the tree with every position; decode.go fills the shapes from
// it, collects all faults, and keeps the tree for the faults of meaning that
// are found later.
//
// # schema/*.json
//
// A JSON Schema for each kind of file, made by Schemas from the same shapes.
// The first line of a file names its own, so that an editor with
// yaml-language-server completes, explains in Chinese and underlines, without
// any setting and without a network. A schema knows one file at a time: names
// that must exist elsewhere are for weibao check. After a change of a shape:
//
//	go test ./configs -run Schema -update
package configs
