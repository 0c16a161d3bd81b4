package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"weibao/configs"
	"weibao/cti"
	"weibao/record"
)

// past is what the journal and the database know of the versions that were in
// use before this start.
type past struct{ registry *record.Registry }

var _ configs.History = past{}

// pastLimit is how long a start may look for an earlier version, in a journal
// of years when the database is away.
const pastLimit = 10 * time.Second

// Known implements configs.History.
func (p past) Known(ctx context.Context, version string) bool {
	if slices.ContainsFunc(p.registry.GuideUses(), func(u record.GuideUse) bool { return u.Version == version }) {
		return true
	}
	_, err := p.Text(ctx, version)
	return err == nil
}

// Uses implements configs.History.
func (p past) Uses() []configs.Use {
	var uses []configs.Use
	for _, u := range p.registry.GuideUses() {
		uses = append(uses, configs.Use{Version: u.Version, At: u.At.Time, How: configs.How(u.How), By: u.By, Instead: u.Instead})
	}
	return uses
}

// Text implements configs.History.
func (p past) Text(ctx context.Context, version string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, pastLimit)
	defer cancel()
	kept, err := p.registry.GuideText(ctx, version)
	return kept.Text, err
}

// readable reads the configuration before anything else is touched. Where there
// is a journal, openGuide decides, which knows the past.
func readable(at *where, journal string) error {
	if err := at.there(); err != nil {
		return err
	}
	if _, err := os.Stat(journal); err == nil {
		return nil
	}
	if s, faults := configs.Read(os.DirFS(at.configs), time.Now()); s == nil {
		return faults.Err()
	}
	return nil
}

// openGuide reads the configuration. It comes after the records, which know
// whether this version has been in use before.
func (a *App) openGuide(ctx context.Context) error {
	var err error
	a.holder, err = configs.NewHolder(ctx, configs.Options{
		Files: os.DirFS(a.at.configs), Changed: a.changed, After: a.told, History: past{a.registry},
		Metrics: a.metrics, Log: a.log.With("component", "configs"),
	})
	if err == nil {
		a.first = a.holder.Now()
	}
	return err
}

// changed takes another version of the configuration into use, and keeps its
// text, so that a call can be explained a year later.
func (a *App) changed(ctx context.Context, s *configs.Snapshot, use configs.Use) {
	a.adopt(s)
	a.resetReceivers(s)
	a.keepGuide(ctx, s, use)
	a.log.Info("configuration in use", "guide", s.Version, "how", use.How, "by", use.By, "instead", use.Instead)
}

// keepLimit is how long a reload waits for the journal; what it could not take
// until then it takes later.
const keepLimit = 5 * time.Second

// keepGuide writes the text of a version into the journal, and how it came
// into use unless that is what the journal says already.
func (a *App) keepGuide(ctx context.Context, s *configs.Snapshot, use configs.Use) {
	ctx, cancel := context.WithTimeout(ctx, keepLimit)
	defer cancel()
	err := a.registry.Guide(ctx, s.Version, s.Text())
	if uses := a.registry.GuideUses(); len(uses) == 0 || uses[0].Version != use.Version || !uses[0].At.Equal(use.At) {
		err = errors.Join(err, a.registry.UseGuide(ctx, record.GuideUse{
			Version: use.Version, At: record.MomentOf(use.At), How: string(use.How), By: use.By, Instead: use.Instead,
		}))
	}
	if err != nil {
		a.log.Warn("the text of the configuration is not kept", "guide", s.Version, "err", err)
	}
}

// told passes on that the configuration has been read, or tried to, and names
// the settings that only a restart brings.
func (a *App) told() {
	if waits := a.waits(); len(waits) > 0 {
		a.log.Warn("what has changed waits for more than a reload", "changes", waits)
	}
	a.server.ConfigChanged()
}

// waits names what has changed since the start and a reload does not bring.
func (a *App) waits() []string { return append(outside(a.first, a.holder.Now()), a.restart()...) }

// restart names the settings that have changed since the start. Settings that
// can not be read are told by the next start.
func (a *App) restart() []string {
	settings, err := configs.ReadSettings(a.at.config)
	if err != nil {
		return []string{a.at.config}
	}
	return a.settings.Changed(settings)
}

// outside names what of a new version is made outside the gateway: sounds, and
// what Asterisk itself is told. An admin who has moved a key must know that
// callers still hear the old one.
func outside(first, now *configs.Snapshot) []string {
	var waits []string
	if !slices.Equal(first.Prompts, now.Prompts) {
		waits = append(waits, "prompts.yaml：改过的提示音要重新生成，请运行 make setup (run make setup: callers hear the old sounds)")
	}
	for _, agent := range now.Agents {
		had := slices.ContainsFunc(first.Agents, func(a configs.Agent) bool { return a.ID == agent.ID })
		if agent.TakesCalls() && !had {
			waits = append(waits, fmt.Sprintf("agents.yaml：新坐席 %s 的话机要 make down、make up 之后才能注册 (the telephone of %s registers after make down, make up)", agent.ID, agent.ID))
		}
	}
	if first.Fallback != now.Fallback {
		waits = append(waits, "rota/：fallback 要 make down、make up 之后才换 (changes after make down, make up)")
	}
	return waits
}

// reload reads the configuration again; any fault leaves the old one.
func (a *App) reload(ctx context.Context, by string) (version string, faults []string, err error) {
	return a.outcome(a.holder.Reload(ctx, by))
}

// rollback uses the version again that was in use before.
func (a *App) rollback(ctx context.Context, by string) (version string, faults []string, err error) {
	return a.outcome(a.holder.Rollback(ctx, by))
}

func (a *App) outcome(err error) (version string, faults []string, same error) {
	if told, ok := errors.AsType[*configs.FaultsError](err); ok {
		faults = faultTexts(told.Faults)
	}
	return a.holder.Now().Version, faults, err
}

func faultTexts(faults configs.Faults) []string {
	texts := make([]string, len(faults))
	for i, fault := range faults {
		texts[i] = fmt.Sprint(fault)
	}
	return texts
}

// configuration is how the configuration stands, for the API.
func (a *App) configuration() cti.Configuration {
	last := a.holder.Last()
	return cti.Configuration{
		Version: last.Version, Since: last.Use.At, How: string(last.Use.How), By: last.Use.By, Instead: last.Use.Instead,
		Files: last.Files, At: last.At, Faults: faultTexts(last.Faults), Restart: a.waits(), Covered: a.holder.Covered(), Said: said(last),
	}
}

// said is how the configuration stands, in one sentence.
func said(last configs.Result) string {
	at := last.Use.At.Format("2006-01-02 15:04:05 -07:00")
	zh, en := fmt.Sprintf("%s 起使用版本 %s", at, last.Version), fmt.Sprintf("version %s is in use since %s", last.Version, at)
	switch use := last.Use; {
	case use.How == configs.RolledBack:
		zh += fmt.Sprintf("，由 %s 从 %s 退回", use.By, use.Instead)
		en += fmt.Sprintf(", rolled back from %s by %s", use.Instead, use.By)
	case use.By != "":
		zh += fmt.Sprintf("，由 %s 重新加载", use.By)
		en += ", reloaded by " + use.By
	}
	switch {
	case len(last.Faults) > 0:
		zh += fmt.Sprintf("；上次读取有 %d 处错误", len(last.Faults))
		en += fmt.Sprintf("; the last reading had %d faults", len(last.Faults))
	case last.Files != last.Version:
		zh += "；文件里是 " + last.Files
		en += "; the files hold " + last.Files
	}
	return zh + " [" + en + "]"
}
