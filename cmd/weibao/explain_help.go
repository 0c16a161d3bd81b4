package main

const explainHelp = `说明一通来电会转到哪里，为什么：地区怎样判断，菜单怎样走，每条路由为什么符合或不符合，什么时候找谁，
转 110 拨什么。问的是网关接电话时用的同一套函数，只读配置，不连网络和数据库；
批准了的临时调班在网关里，这里按值班表的文件说。

--want 供管理员自己的仓库做检查：步骤里没有这个去处，退出码是 1。一张表的检查见 weibao check --cases。

退出码：0 成功 · 1 --want 不符 · 2 用法或配置有误 · 3 无法完成

--json 的字段（名字不会变，以后只会增加）：
  guide 配置版本；at 时间；day 这天是什么日子；dialled 所拨号码；trunk 中继线
  region、region_name 算作哪个市（州）；origin 怎样判断的（一条 check）
  caller {kind, number 打码, area_code, hint 区号所在市（州），只供参考, say}
  menus [{menu, plays [{name, lang, text}], key, say}] 菜单里听到和按下的
  keys、intent、missed、language 菜单的结果；facts、load 问的时候给的
  trace [check] 每条 check 是 {rule, fact, want, got, held, say}，say 是一句话
  route 路由；priority 优先级
  steps [{to, name, after, begins_ms, why（check）, queues, load {waiting, seats}, seats [{id, name}],
         duty {post, name, shift, officers [{name, numbers}], numbers, why [一句话]}}]
  police [{place, name, numbers}]；places {codes, unit, unit_name, say, duty}，问了 --places 才有
  want [{what, want, got, held}]，问了 --want 才有

Explains where a call would go, and why. It asks the functions that decide for a real call, reads the
configuration only and needs no network and no database; approved changes of the rota are in the gateway,
here the files speak. Exit: 0 good, 1 a --want is not met, 2 wrong use, 3 could not be done.
The fields of --json are those above: they keep their names, more may come.`

const explainExamples = `  weibao explain --region 222400 --keys 6 --at 2026-10-01T02:00+08:00
  weibao explain --region 222400 --load none --want duty:222400      哪里都没有坐席时 when no seat is there
  weibao explain --region 222400 --load yanbian=5/1                  延边 5 人在等、1 个坐席 a busy queue
  weibao explain --places 222404,220581                              两地的事由谁处理 whose matter is it`
