package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"weibao/cmd/phones/phone"
)

// act is one call of the demo.
type act struct {
	title, caller string
	play          func(context.Context, *cast) error
}

// actLimit bounds one act.
const actLimit = 60 * time.Second

// demo acts three calls out and prints what became of each.
func demo(ctx context.Context, out io.Writer) error {
	c, err := assemble(ctx, out)
	if err != nil {
		return err
	}
	defer c.dismiss()
	for i, a := range []act{
		{"白天的咨询：坐席接听 a question, answered by a seat", "13800000001", question},
		{"紧急情况：转 110 并报备 an emergency, handed to 110 with its filing", "13800000002", emergency},
		{"夜间来电：没有坐席，值班手机接听 a call at night, answered by the duty officer", "13800000003", night},
	} {
		fmt.Fprintf(out, "\n第 %d 通 call %d: %s\n", i+1, i+1, a.title)
		if err := c.perform(ctx, a); err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
	}
	fmt.Fprintf(out, "\n三通电话都已结束，系统仍在运行。 All three calls are over; the system is still running.\n"+
		"  记录 records    bin/weibao record find          （加记录号看全程 with an id: the whole journey）\n"+
		"  核验 verify     bin/weibao record verify\n"+
		"  指标 metrics    %s/metrics\n"+
		"  登录 logins     %s\n"+
		"  接真电话 a real softphone: README 的“接一部真电话”\n"+
		"  停止 stop       make down\n", c.base, c.loginsFile)
	return nil
}

// perform plays an act and prints the journey of its call.
func (c *cast) perform(ctx context.Context, a act) error {
	ctx, cancel := context.WithTimeout(ctx, actLimit)
	defer cancel()
	citizen, err := c.phone(ctx, phone.Options{Name: a.caller, Tone: 420})
	if err != nil {
		return err
	}
	defer citizen.Close()
	c.citizen, c.began = citizen, time.Now()
	if err := a.play(ctx, c); err != nil {
		return err
	}
	return c.journey(ctx, a.caller)
}

// calls lets the citizen dial, wait for the answer and press the minors option.
func (c *cast) calls(ctx context.Context, region string) (*phone.Call, error) {
	line, err := c.citizen.Dial(ctx, "12345", phone.From(c.citizen.Name()), phone.Header("X-Region", region))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(line.WaitAnswered(ctx), line.HearsVoice(ctx)); err != nil {
		return nil, fmt.Errorf("the line does not greet: %w", err)
	}
	return line, line.Press(ctx, "6")
}

// question is answered by seat 1001.
func question(ctx context.Context, c *cast) error {
	seat, err := c.seat(ctx, "1001", 540)
	if err != nil {
		return err
	}
	defer seat.leave(ctx)
	child, err := c.calls(ctx, "220100")
	if err != nil {
		return err
	}
	li, err := seat.answers(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(child.Hears(ctx, 540), li.Hears(ctx, 420)); err != nil {
		return fmt.Errorf("they do not hear each other: %w", err)
	}
	c.say("坐席与来电人互相听见 seat and caller hear each other")
	c.talk(ctx)
	if err := child.Hangup(ctx); err != nil {
		return err
	}
	_, err = li.WaitEnded(ctx)
	return err
}

// emergency goes to the police of 珲春, whose area code is 0433.
func emergency(ctx context.Context, c *cast) error {
	seat, err := c.seat(ctx, "1009", 540)
	if err != nil {
		return err
	}
	defer seat.leave(ctx)
	child, err := c.calls(ctx, "222400")
	if err != nil {
		return err
	}
	li, err := seat.answers(ctx)
	if err != nil {
		return err
	}
	if err := child.Hears(ctx, 540); err != nil {
		return err
	}
	id, err := seat.call(ctx)
	if err != nil {
		return err
	}
	emergency := map[string]string{"to": "110", "place": "222404", "category": "暴力侵害"}
	if err := seat.asks(ctx, http.MethodPost, "/calls/"+id+"/transfer", emergency, nil); err != nil {
		return err
	}
	police, err := c.police.Next(ctx)
	if err != nil {
		return fmt.Errorf("110 is not rung: %w", err)
	}
	c.say("110 振铃，所拨号码 dialled " + police.To())
	if err := errors.Join(police.Ring(), police.Answer(ctx), child.HearsOnly(ctx, 540, policeTone)); err != nil {
		return fmt.Errorf("the three do not hear each other: %w", err)
	}
	c.say("三方互相听见 child, seat and police hear each other")
	c.talk(ctx)
	if err := seat.asks(ctx, http.MethodPost, "/calls/"+id+"/transfer/handover", nil, nil); err != nil {
		return err
	}
	if _, err := li.WaitEnded(ctx); err != nil {
		return err
	}
	if err := child.HearsOnly(ctx, policeTone); err != nil {
		return err
	}
	c.say("坐席已离开，孩子与 110 继续通话 the seat has left; child and police talk on")
	c.talk(ctx)
	if err := child.Hangup(ctx); err != nil {
		return err
	}
	_, err = police.WaitEnded(ctx)
	return err
}

// night has no seat at all.
func night(ctx context.Context, c *cast) error {
	child, err := c.calls(ctx, "220100")
	if err != nil {
		return err
	}
	officer, err := c.carrier.Next(ctx)
	if err != nil {
		return fmt.Errorf("the duty officer is not rung: %w", err)
	}
	if err := errors.Join(officer.Ring(), officer.Answer(ctx), child.Hears(ctx, dutyTone), officer.Hears(ctx, 420)); err != nil {
		return fmt.Errorf("child and duty officer do not hear each other: %w", err)
	}
	c.say("值班人员与来电人互相听见 duty officer and caller hear each other")
	c.talk(ctx)
	if err := child.Hangup(ctx); err != nil {
		return err
	}
	_, err = officer.WaitEnded(ctx)
	return err
}

// talk lets those who are connected speak for a while.
func (c *cast) talk(ctx context.Context) {
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
}

func (c *cast) say(what string) {
	fmt.Fprintf(c.out, "  %6.2fs  %s\n", time.Since(c.began).Seconds(), what)
}
