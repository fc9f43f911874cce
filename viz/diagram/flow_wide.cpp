#include <algorithm>
#include <utility>

#include "model/summary/words.h"
#include "viz/diagram/flow_layout.h"

namespace zctrace::diagram::flow_parts {

using timeline::End;

namespace {

/// The room for it.
struct Room {
  double left = 32, right = 928;
  double box_width = 156, box_height = 52, pipe_width = 104;
  double inset = 116;  ///< from the left to the middle of the files' column
  bool terse = false;  ///< labels of one line, and one panel without a name
};

constexpr double kLane = 208, kGap = 16;  // of the receiver's panel, and beside it
constexpr double kBeside = 18;  // from an arrow's middle to its label
constexpr double kApart = 30;   // arrows side by side
constexpr double kReceiverX = 38;

class Wide {
 public:
  Wide(Brush& brush, const summary::Picture& picture, Language language, double top, const Room& frame)
      : brush_(brush),
        picture_(picture),
        language_(language),
        frame_(frame),
        right_(picture.has_receiver ? frame.right - kLane - kGap : frame.right),
        file_x_(frame.left + frame.inset),
        net_x_(right_ - frame.inset - 4),
        pipe_x_((file_x_ + net_x_) / 2),
        direct_x_(file_x_ + frame.box_width / 2 + 36) {
    const auto& sent = picture.sender;
    const auto target = picture.target_end;
    const double half = pipe_x_ - file_x_ - 2 * kBeside;
    into_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::user_buffer, End::pipe, half / 2);
    direct_ = way_between(sent, End::disk, End::user_buffer, 0);
    // Between the arrows on the left and on the right there are two labels.
    const bool direct = !direct_.empty();
    const double room = net_x_ - direct_x_ - 2 * kBeside - 8;
    if (direct) direct_ = way_between(sent, End::disk, End::user_buffer, 0.44 * room);
    fill_ = way_between(sent, End::page_cache, End::user_buffer, direct ? direct_x_ - file_x_ - 2 * kBeside : half);
    drain_ = way_between(sent, End::user_buffer, target, direct ? 0.56 * room : into_pipe_.empty() ? half : half / 2);
    const double between =
        picture.pipe.used ? (net_x_ - file_x_ + frame_.pipe_width - frame_.box_width) / 2 - 6
                          : net_x_ - file_x_ - frame_.box_width - 10;
    across_ = picture.pipe.used ? Way{} : way_between(sent, End::page_cache, target, between);
    to_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::page_cache, End::pipe, between);
    from_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::pipe, target, between);
    loop_ = way_between(sent, End::pipe, End::pipe, target == End::pipe ? 220 : 2 * half);
    stage_ = way_between(sent, End::socket_buffer, End::socket_buffer, half * 1.4);
    disk_ = way_between(sent, End::disk, End::page_cache, half);
    card_ = way_between(sent, End::socket_buffer, End::nic, half);
    const auto received = [&](End from, End to) {
      auto way = way_between(picture.receiver, from, to, kLane - kReceiverX - kBeside - 4);
      return picture.judges_receiver ? std::move(way) : quiet(std::move(way));
    };
    up_ = received(picture.arrival_end, End::user_buffer);
    if (picture.receiver_pipe.used) {
      up_ = received(picture.arrival_end, End::pipe);
      on_ = received(End::pipe, End::file);
    }
    const auto [from, to] = switches_room();
    summary_ = wrap(picture.switches.causes, to - from + 50, kAmountFont, 3);
    if (!frame_.terse) claim_ = picture.switches.claim;  // else it stands by the figure
    place(top);
  }

  double draw() {
    panel(frame_.left, right_, timeline::Side::sender, true);
    if (picture_.has_receiver) receiver();
    boxes();
    ways();
    switches();
    return hardware_end_;
  }

 private:
  void place(double top) {
    top_ = top + (picture_.has_receiver || !frame_.terse ? 22 : 0);
    user_ = {file_x_ - frame_.box_width / 2, top_ + 26, net_x_ - file_x_ + frame_.box_width, frame_.box_height};
    const double above = std::max({direct_.height(), fill_.height(), drain_.height(), into_pipe_.height()});
    border_ = user_.bottom() + std::max(30.0, above + 22);
    const double beside = std::max({across_.height(), to_pipe_.height(), from_pipe_.height()});
    const auto told = static_cast<double>(summary_.size() + (claim_.empty() ? 0 : 1));
    double kernel =
        border_ + (picture_.round.empty() ? 20 : 44) + kLineHeight * told + (beside > 0 ? beside + 10 : 0);
    kernel = std::max(kernel, border_ + 34);  // the band's name stands above the boxes
    if (picture_.has_receiver) kernel = std::max(kernel, border_ + std::max(76.0, up_.height() + 26));
    if (!on_.empty())
      kernel = std::max(kernel, border_ + 40 + 2 * (frame_.box_height + kGap) + up_.height() + on_.height());
    cache_ = {file_x_ - frame_.box_width / 2, kernel, frame_.box_width, frame_.box_height};
    target_ = {net_x_ - frame_.box_width / 2, kernel, frame_.box_width, frame_.box_height};
    pipe_ = {pipe_x_ - frame_.pipe_width / 2, kernel, frame_.pipe_width, frame_.box_height};
    staged_ = {target_.x, target_.bottom() + std::max(50.0, stage_.height() + 20), frame_.box_width, frame_.box_height};
    double low = target_.bottom();
    if (!stage_.empty()) low = staged_.bottom();
    if (!loop_.empty()) low = std::max(low, pipe_.bottom() + 44 + loop_.height());
    lower_border_ = low + std::max({disk_.height(), card_.height(), frame_.terse ? kLineHeight : 2 * kLineHeight}) + 24;
    disk_box_ = {cache_.x, lower_border_ + 26, frame_.box_width, frame_.box_height};
    card_box_ = {target_.x, disk_box_.y, frame_.box_width, frame_.box_height};
    hardware_end_ = disk_box_.bottom() + 14;
  }

  void panel(double left, double right, timeline::Side side, bool named) {
    const auto name = [&](Text text) { return named ? words(text, language_) : std::string_view(); };
    if (picture_.has_receiver || !frame_.terse)
      brush_.svg().text(left, top_ - 8, summary::word(side, language_), "ink", {13, true});
    brush_.band({left, top_, right - left, border_ - top_}, "user", name(Text::user_space));
    brush_.band({left, border_, right - left, lower_border_ - border_}, "kernel", name(Text::kernel));
    brush_.band({left, lower_border_, right - left, hardware_end_ - lower_border_}, "device", name(Text::hardware));
    brush_.svg().line(left, border_, right, border_, "dim-line", 1.2, "2 4");
  }

  void boxes() {
    brush_.box(user_, picture_.user);
    brush_.box(cache_, picture_.page_cache);
    brush_.box(target_, picture_.target);
    if (picture_.pipe.used) brush_.box(pipe_, picture_.pipe);
    if (!stage_.empty()) brush_.box(staged_, picture_.stage);
    brush_.box(disk_box_, picture_.disk);
    if (picture_.has_card) brush_.box(card_box_, picture_.card);
  }

  /// Vertical arrows at `x` between what lies above and below; the labels beside them end at `low`, or begin at `high`.
  void vertical(const Way& way, End upper, double x, double top, double bottom, double label_top, bool left) {
    double y = label_top;
    const auto count = static_cast<double>(way.arrows.size());
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      const double at = x + (static_cast<double>(i) - (count - 1) / 2) * kApart;
      const double beside = kBeside + (count - 1) / 2 * kApart;
      brush_.open(arrow.key, arrow.tooltip);
      const bool up = arrow.to == upper;
      brush_.arrow({{at, up ? bottom : top}, {at, up ? top : bottom}}, arrow);
      brush_.label({left ? x - beside : x + beside, y}, way.lines[i], left ? Anchor::end : Anchor::start);
      brush_.close();
      y += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  void horizontal(const Way& way, End first, double left, double right) {
    double y = cache_.y - 10 - way.height() + kLineHeight;
    const auto count = static_cast<double>(way.arrows.size());
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      const double at = cache_.centre() + (static_cast<double>(i) - (count - 1) / 2) * kApart;
      brush_.open(arrow.key, arrow.tooltip);
      const bool back = arrow.to == first;
      brush_.arrow({{back ? right : left, at}, {back ? left : right, at}}, arrow);
      brush_.label({(left + right) / 2, y}, way.lines[i], Anchor::middle);
      brush_.close();
      y += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  /// Out of a box's lower edge and back into it.
  void loop(const Way& way, double x, double bottom, bool quiet) {
    double y = bottom + 36 + kLineHeight;
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{x + 24, bottom}, {x + 24, bottom + 24}, {x - 24, bottom + 24}, {x - 24, bottom + 1}}, arrow,
                   quiet);
      brush_.label({x, y}, way.lines[i], Anchor::middle);
      brush_.close();
      y += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  void ways() {
    const double above = user_.bottom() + 20, below = lower_border_ - 12 + kLineHeight;
    vertical(fill_, End::user_buffer, file_x_, user_.bottom(), cache_.y, above, false);
    vertical(drain_, End::user_buffer, net_x_, user_.bottom(), target_.y, above, true);
    vertical(into_pipe_, End::user_buffer, pipe_x_, user_.bottom(), pipe_.y, above, false);
    horizontal(across_, End::page_cache, cache_.right(), target_.x);
    horizontal(to_pipe_, End::page_cache, cache_.right(), pipe_.x);
    horizontal(from_pipe_, End::pipe, pipe_.right(), target_.x);
    const auto& looped = picture_.pipe.used ? pipe_ : target_;
    loop(loop_, looped.middle(), looped.bottom(), false);
    vertical(stage_, End::user_buffer, net_x_, target_.bottom(), staged_.y, target_.bottom() + 24, true);
    vertical(disk_, End::page_cache, file_x_, cache_.bottom(), disk_box_.y, below - disk_.height(), false);
    const auto& last = stage_.empty() ? target_ : staged_;
    vertical(card_, End::socket_buffer, net_x_, last.bottom(), card_box_.y, below - card_.height(), true);
    for (size_t i = 0; i < direct_.arrows.size(); ++i) {
      const auto& arrow = *direct_.arrows[i];
      brush_.open(arrow.key, arrow.tooltip);
      std::vector<Point> way{
          {disk_box_.right(), disk_box_.centre()}, {direct_x_, disk_box_.centre()}, {direct_x_, user_.bottom()}};
      if (arrow.to == End::disk) std::reverse(way.begin(), way.end());
      brush_.arrow(way, arrow);
      brush_.label({direct_x_ + kBeside, above}, direct_.lines[i], Anchor::start);
      brush_.close();
    }
    const auto remark = [&](double x, const std::string& text) {
      brush_.svg().text(x, lower_border_ - 12, text, "dim", {12}, Anchor::middle);
    };
    remark(file_x_, picture_.disk_remark.text);
    if (picture_.has_card) remark(net_x_, picture_.card_remark.text);
    if (!picture_.copies_known)
      brush_.svg().text(pipe_x_, cache_.centre() + 5, words(Text::copies_unknown, language_), "warn", {14, true},
                        Anchor::middle);
  }

  void switches() {
    const auto [from, to] = switches_room();
    const double middle = (from + to) / 2;
    if (picture_.round.empty() && picture_.switches.causes.empty()) return;
    brush_.open("sender/mode switches", picture_.switches.causes);
    double marks = 0;
    for (const auto& call : picture_.round) marks += call.number + 1 == call.last ? 2 : 1;
    marks += 2 * static_cast<double>(picture_.claimed_calls.size());
    constexpr double kRoomForOne = 40;
    const bool apart = (to - from) / marks >= kRoomForOne;  // else a mark a call, for its way there and back
    if (!apart) marks = static_cast<double>(picture_.round.size() + picture_.claimed_calls.size());
    bool lower = false;  // every second name, where one beside the other has no room
    const double step = marks == 0 ? 0 : std::min(96.0, (to - from) / marks);
    double x = middle - step * (marks - 1) / 2;
    const auto name = [&](std::string_view text, std::string_view classes) {
      const double below = lower ? kLineHeight - 2 : 0;
      brush_.svg().text(x, border_ + 26 + below, fit(text, (apart ? 1 : 2) * step - 3, kSmallFont), classes, kSmallFont,
                        Anchor::middle);
      x += step;
      if (!apart) lower = !lower;
    };
    const auto mark = [&](const summary::Call& call) {
      brush_.mark({x, border_}, call, step - 4, false, !apart);
      name(call.name, call.unclaimed ? "warn" : "dim");
    };
    const auto ghost = [&](std::string_view text) {
      brush_.ghost_mark({x, border_});
      name(text, "warn");
    };
    const auto back = words(Text::flow_return, language_);
    auto claimed = picture_.claimed_calls.begin();
    for (size_t at = 0; at <= picture_.round.size(); ++at) {
      for (; claimed != picture_.claimed_calls.end() && claimed->before == at; ++claimed) {
        ghost(claimed->name);
        if (apart) ghost(back);
      }
      if (at == picture_.round.size()) break;
      const auto& call = picture_.round[at];
      mark(call);
      if (apart && call.number + 1 == call.last) mark({std::string(back), call.last, call.last, call.unclaimed});
    }
    double y = border_ + (picture_.round.empty() ? 24 : apart ? 46 : 46 + kLineHeight - 2);
    for (const auto& line : summary_) {
      brush_.svg().text(middle, y, line, "ink", kAmountFont, Anchor::middle);
      y += kLineHeight;
    }
    if (!claim_.empty()) brush_.svg().text(middle, y, claim_, "warn", kAmountFont, Anchor::middle);
    brush_.close();
  }

  /// Where no arrow crosses the border.
  std::pair<double, double> switches_room() const {
    const double from = direct_.empty() ? file_x_ : direct_x_, to = into_pipe_.empty() ? net_x_ : pipe_x_;
    const double beside = into_pipe_.empty() ? 50 : 36;
    return {from + beside, to - beside};
  }

  /// Another process, for whose copies the documents do not blame the method.
  void receiver() {
    const double left = frame_.right - kLane, x = left + kReceiverX, label = x + kBeside;
    const double most = frame_.right - label - 4;
    panel(left, frame_.right, timeline::Side::receiver, false);
    const Rect user{left + 16, user_.y, kLane - 32, frame_.box_height};
    const Rect socket{left + 16, target_.y, kLane - 32, frame_.box_height};
    brush_.box(user, picture_.receiver_user);
    brush_.box(socket, picture_.arrival);
    const double wire = socket.right() - 30;
    if (card_.arrows.size() > 0)
      brush_.arrow({{card_box_.right(), card_box_.centre()}, {wire, card_box_.centre()}, {wire, socket.bottom() + 2}},
                   summary::ArrowStyle::handed_over, 1, false);
    if (!picture_.has_card)
      brush_.arrow({{target_.right(), target_.centre()}, {socket.x - 2, socket.centre()}},
                   summary::ArrowStyle::handed_over, 1, false);
    if (on_.empty()) {
      upwards(up_, x, socket.y, user.bottom(), label, border_ + 24);
    } else {
      const Rect file{left + 16, border_ + 18, kLane - 32, frame_.box_height};
      const Rect pipe{left + 16, file.bottom() + on_.height() + kGap, frame_.pipe_width, frame_.box_height};
      brush_.box(file, picture_.receiver_file);
      brush_.box(pipe, picture_.receiver_pipe);
      upwards(on_, x, pipe.y, file.bottom(), label, file.bottom() + kGap);
      upwards(up_, x, socket.y, pipe.bottom(), label, pipe.bottom() + kGap);
    }
    brush_.svg().text(label, border_ - 8, fit(picture_.receiver_switches.causes, most, {11.5}), "dim", {11.5});
    const auto arrival = picture_.arrival_end;
    loop(quiet(way_between(picture_.receiver, arrival, arrival, kLane - 66)), left + 78, socket.bottom(), true);
  }

  /// Arrows at `x` from `bottom` up to `top`, side by side; their labels begin at (`label`, `y`).
  void upwards(const Way& way, double x, double bottom, double top, double label, double y) {
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      const double at = x - static_cast<double>(i) * kBeside;
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{at, bottom}, {at, top}}, arrow, !picture_.judges_receiver);
      brush_.label({label, y}, way.lines[i], Anchor::start);
      brush_.close();
      y += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  Brush& brush_;
  const summary::Picture& picture_;
  const Language language_;
  const Room frame_;
  double right_, file_x_, net_x_, pipe_x_, direct_x_;
  Way fill_, drain_, into_pipe_, direct_, across_, to_pipe_, from_pipe_, loop_, stage_, disk_, card_, up_, on_;
  std::vector<std::string> summary_;
  std::string claim_;  ///< of the textbooks, who say otherwise
  double top_ = 0, border_ = 0, lower_border_ = 0, hardware_end_ = 0;
  Rect user_{}, cache_{}, target_{}, pipe_{}, staged_{}, disk_box_{}, card_box_{};
};

}  // namespace

double Way::height() const {
  double height = 0;
  for (const auto& label : lines) height += kLineHeight * static_cast<double>(label.size());
  return height;
}

Way way_between(const std::vector<summary::Arrow>& arrows, End a, End b, double most) {
  Way way;
  for (const auto& each : arrows)
    if ((each.from == a && each.to == b) || (each.from == b && each.to == a)) {
      way.arrows.push_back(&each);
      way.lines.push_back(label_of(each, most));
    }
  return way;
}

Way quiet(Way way) {
  for (auto& lines : way.lines)
    for (auto& line : lines)
      if (line.font.bold) line.classes = "ink";
  return way;
}

double draw_wide(Brush& brush, const summary::Picture& picture, Language language, double top) {
  return Wide(brush, picture, language, top, {}).draw();
}

double draw_terse(Brush& brush, const summary::Picture& picture, Language language, double width) {
  // The receiver's boxes may stand in a tall stack.
  const Room frame{0, width, 126, picture.has_receiver ? 36.0 : 42.0, 84, 74, true};
  return Wide(brush, picture, language, 0, frame).draw();
}

}  // namespace zctrace::diagram::flow_parts
