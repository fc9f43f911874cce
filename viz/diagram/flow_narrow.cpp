#include <algorithm>

#include "model/summary/words.h"
#include "viz/diagram/flow_layout.h"

namespace zctrace::diagram::flow_parts {

using timeline::End;

namespace {

constexpr double kLeft = 8, kRight = 382, kBorder = 290;        // the panel, and where user space begins
constexpr double kBoxX = 12, kBoxWidth = 118, kBoxHeight = 46;  // of what rests in the kernel or the hardware
constexpr double kUserX = 304, kUserWidth = 76;
constexpr double kRoad = kBoxX + kBoxWidth / 2, kBesideRoad = kRoad + 20;  // the way down, and the labels right of it
constexpr double kRoom = kBorder - kBesideRoad - 6;
constexpr double kAside = kBorder - kBoxX - kBoxWidth - 8;  // of labels between a box and the border
constexpr double kApartNarrow = 26;
constexpr double kMarkStep = 27;
constexpr Font kSwitchFont{12, true};

/// For a phone: the bytes travel downwards, user space is a column on the right.
class Narrow {
 public:
  Narrow(Brush& brush, const summary::Picture& picture, Language language, double top)
      : brush_(brush), picture_(picture), language_(language), top_(top + 22) {
    const auto& sent = picture.sender;
    const auto target = picture.target_end;
    direct_ = way_between(sent, End::disk, End::user_buffer, kRight - kBoxX - kBoxWidth - 90);
    fill_ = way_between(sent, End::page_cache, End::user_buffer, kAside);
    drain_ = way_between(sent, End::user_buffer, target, kAside);
    into_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::user_buffer, End::pipe, kAside);
    across_ = picture.pipe.used ? Way{} : way_between(sent, End::page_cache, target, kRoom);
    to_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::page_cache, End::pipe, kRoom);
    from_pipe_ = target == End::pipe ? Way{} : way_between(sent, End::pipe, target, kRoom);
    loop_ = way_between(sent, End::pipe, End::pipe, kBorder - kBoxX - kBoxWidth - 50);
    stage_ = way_between(sent, End::socket_buffer, End::socket_buffer, kRoom);
    disk_ = way_between(sent, End::disk, End::page_cache, kRoom);
    card_ = way_between(sent, End::socket_buffer, End::nic, kRoom);
    summary_ = wrap(picture.switches.causes, kBorder - kBesideRoad - 88, kSwitchFont, 5);
    place();
  }

  double draw() {
    bands();
    boxes();
    ways();
    switches();
    return picture_.has_receiver ? receiver() : end_;
  }

 private:
  static double room_for(double label, double least) { return std::max(least, label + 18); }

  /// Lines of what the textbooks say of the switches.
  size_t told_otherwise() const { return picture_.switches.claim.empty() ? 0 : 1; }

  void place() {
    disk_box_ = {kBoxX, top_ + 26 + std::max(0.0, direct_.height() - 20), kBoxWidth, kBoxHeight};
    upper_ = disk_box_.bottom() + 12;
    double y = upper_ + room_for(disk_.height(), 40);
    cache_ = {kBoxX, y + std::max(0.0, fill_.height() - 4), kBoxWidth, kBoxHeight};
    y = cache_.bottom();
    const auto calls = static_cast<double>(picture_.round.size() + picture_.claimed_calls.size());
    const double marks = std::max(kMarkStep * 2 * calls,
                                  kLineHeight * static_cast<double>(summary_.size() + told_otherwise())) +
                         8;
    if (picture_.pipe.used) {
      pipe_ = {kBoxX + 8, y + std::max(room_for(to_pipe_.height() + into_pipe_.height(), 44), into_pipe_.height() - 8),
               kBoxWidth - 16, kBoxHeight};
      y = pipe_.bottom() + std::max(0.0, loop_.height() - kBoxHeight) + 8;
    } else {
      y += room_for(across_.height(), picture_.copies_known ? 10 : 34);
    }
    marks_ = y;
    y += marks + (from_pipe_.empty() ? 0 : from_pipe_.height() + 14) + std::max(10.0, drain_.height() - 4);
    target_ = {kBoxX, y, kBoxWidth, kBoxHeight};
    user_ = {kUserX, cache_.y, kUserWidth, target_.bottom() - cache_.y};
    y = picture_.pipe.used ? target_.bottom() : std::max(target_.bottom(), target_.y + loop_.height());
    if (!stage_.empty()) {
      staged_ = {kBoxX, y + room_for(stage_.height(), 44), kBoxWidth, kBoxHeight};
      y = staged_.bottom();
    }
    lower_ = y + (!picture_.has_card ? 30 : room_for(card_.height(), 40));
    card_box_ = {kBoxX, lower_ + 26, kBoxWidth, kBoxHeight};
    end_ = !picture_.has_card ? lower_ : card_box_.bottom() + 12;
  }

  void bands() {
    heading(timeline::Side::sender, kLeft, top_);
    hardware(top_, upper_);
    inner_bands(upper_, lower_);
    if (end_ > lower_) hardware(lower_, end_);
  }

  /// Its name on the right: the road runs down the left.
  void hardware(double top, double bottom) {
    const auto name = words(Text::hardware, language_);
    brush_.band({kLeft, top, kRight - kLeft, bottom - top}, "device", "");
    brush_.svg().text(kRight - 10, top + 17, name, "dim", {12}, Anchor::end);
  }

  void heading(timeline::Side side, double x, double top) {
    brush_.svg().text(x, top - 8, summary::word(side, language_), "ink", {13, true});
  }

  void inner_bands(double top, double bottom) {
    brush_.band({kLeft, top, kBorder - kLeft, bottom - top}, "kernel", words(Text::kernel, language_));
    // At the foot of its band, where no arrow passes.
    brush_.band({kBorder, top, kRight - kBorder, bottom - top}, "user", "");
    brush_.svg().text(kRight - 10, bottom - 10, words(Text::user_space, language_), "dim", {12}, Anchor::end);
    brush_.svg().line(kBorder, top, kBorder, bottom, "dim-line", 1.2, "2 4");
  }

  void boxes() {
    brush_.box(disk_box_, picture_.disk);
    brush_.box(cache_, picture_.page_cache);
    if (picture_.pipe.used) brush_.box(pipe_, picture_.pipe);
    brush_.box(target_, picture_.target);
    brush_.box(user_, picture_.user);
    if (!stage_.empty()) brush_.box(staged_, picture_.stage);
    if (picture_.has_card) brush_.box(card_box_, picture_.card);
  }

  /// Arrows down the road; their labels begin at `label`.
  void down(const Way& way, End upper, double top, double bottom, double label) {
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      const double x = kRoad - static_cast<double>(i) * kApartNarrow;
      const bool up = arrow.to == upper && arrow.from != upper;
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{x, up ? bottom : top}, {x, up ? top : bottom}}, arrow);
      brush_.label({kBesideRoad, label}, way.lines[i], Anchor::start);
      brush_.close();
      label += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  /// Arrows between a box in the kernel and user space, the labels above them.
  void aside(const Way& way, const Rect& box, const Rect& user, bool quiet = false) {
    const auto count = static_cast<double>(way.arrows.size());
    double label = box.centre() - 14 - (count - 1) / 2 * kApartNarrow - way.height() + kLineHeight;
    for (size_t i = 0; i < way.arrows.size(); ++i) {
      const auto& arrow = *way.arrows[i];
      const double y = box.centre() + (static_cast<double>(i) - (count - 1) / 2) * kApartNarrow;
      const bool out = arrow.to == End::user_buffer;
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{out ? box.right() : user.x, y}, {out ? user.x : box.right(), y}}, arrow, quiet);
      brush_.label({(box.right() + kBorder) / 2, label}, way.lines[i], Anchor::middle);
      brush_.close();
      label += kLineHeight * static_cast<double>(way.lines[i].size());
    }
  }

  void ways() {
    for (size_t i = 0; i < direct_.arrows.size(); ++i) {
      const auto& arrow = *direct_.arrows[i];
      const double x = user_.right() - 18, y = disk_box_.centre();
      std::vector<Point> points{{disk_box_.right(), y}, {x, y}, {x, user_.y}};
      if (arrow.to == End::disk) std::reverse(points.begin(), points.end());
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow(points, arrow);
      brush_.label({disk_box_.right() + 14, y - 10 - direct_.height() + kLineHeight}, direct_.lines[i], Anchor::start);
      brush_.close();
    }
    down(disk_, End::disk, disk_box_.bottom(), cache_.y, upper_ + 18);
    aside(fill_, cache_, user_);
    down(across_, End::page_cache, cache_.bottom(), target_.y, cache_.bottom() + 20);
    down(to_pipe_, End::page_cache, cache_.bottom(), pipe_.y, cache_.bottom() + 20);
    aside(into_pipe_, pipe_, user_);
    down(from_pipe_, End::pipe, pipe_.bottom(), target_.y,
         target_.y - 12 - from_pipe_.height() - std::max(0.0, drain_.height() - 4) + kLineHeight);
    for (size_t i = 0; i < loop_.arrows.size(); ++i) {
      const auto& arrow = *loop_.arrows[i];
      const auto& looped = picture_.pipe.used ? pipe_ : target_;
      const double x = looped.right(), y = looped.centre();
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{x, y - 13}, {x + 24, y - 13}, {x + 24, y + 13}, {x + 1, y + 13}}, arrow);
      brush_.label({x + 42, looped.y + 13}, loop_.lines[i], Anchor::start);
      brush_.close();
    }
    aside(drain_, target_, user_);
    down(stage_, End::user_buffer, target_.bottom(), staged_.y, target_.bottom() + 20);
    down(card_, End::socket_buffer, (stage_.empty() ? target_ : staged_).bottom(), card_box_.y,
         lower_ - 8 - card_.height() + kLineHeight);
    const auto remark = [&](double y, const std::string& text) {
      brush_.svg().text(kBesideRoad, y, fit(text, kRoom, {12}), "dim", {12});
    };
    remark(upper_ + 22, picture_.disk_remark.text);
    if (picture_.has_card) remark(lower_ - 12, picture_.card_remark.text);
    if (!picture_.copies_known)
      brush_.svg().text(kBesideRoad, cache_.bottom() + 22, words(Text::copies_unknown, language_), "warn", {14, true});
  }

  /// Down the border, in the order of the round.
  void switches() {
    if (picture_.round.empty() && picture_.switches.causes.empty()) return;
    brush_.open("sender/mode switches", picture_.switches.causes);
    double y = marks_ + 14;
    const auto name = [&](std::string_view text, double beside, bool claim) {
      brush_.svg().text(kBorder - beside, y + 4, fit(text, 86 - beside, kSmallFont), claim ? "warn" : "dim", kSmallFont,
                        Anchor::end);
      y += kMarkStep;
    };
    const auto back = words(Text::flow_return, language_);
    auto claimed = picture_.claimed_calls.begin();
    for (size_t at = 0; at <= picture_.round.size(); ++at) {
      for (; claimed != picture_.claimed_calls.end() && claimed->before == at; ++claimed)
        for (const auto text : {std::string_view(claimed->name), back}) {
          brush_.ghost_mark({kBorder, y});
          name(text, 16, true);
        }
      if (at == picture_.round.size()) break;
      const auto& call = picture_.round[at];
      const double width = brush_.mark({kBorder, y}, call, 64, true);
      const bool many = call.last > call.number + 1;
      name(call.name, width - 6, call.unclaimed);
      if (many) continue;
      brush_.mark({kBorder, y}, {"", call.last, call.last, call.unclaimed}, 64);
      name(back, 16, call.unclaimed);
    }
    double line = marks_ + 18;
    for (const auto& text : summary_) {
      brush_.svg().text(kBesideRoad, line, text, "ink", kSwitchFont);
      line += kLineHeight;
    }
    if (told_otherwise() > 0) brush_.svg().text(kBesideRoad, line, picture_.switches.claim, "warn", kSwitchFont);
    brush_.close();
  }

  double receiver() {
    const double top = end_ + 34;
    const auto arrival = picture_.arrival_end;
    const auto received = [&](End from, End to, double most) {
      auto way = way_between(picture_.receiver, from, to, most);
      return picture_.judges_receiver ? std::move(way) : quiet(std::move(way));
    };
    if (picture_.receiver_pipe.used)
      return receiver_of_file(top, received(arrival, End::pipe, kRoom), received(End::pipe, End::file, kRoom));
    const auto up = received(arrival, End::user_buffer, kAside);
    const auto again = quiet(way_between(picture_.receiver, arrival, arrival, kBorder - kLeft - 20));
    const Rect socket{kBoxX, top + 30 + std::max(0.0, up.height() - 4), kBoxWidth, kBoxHeight};
    const Rect user{kUserX, socket.y, kUserWidth, kBoxHeight};
    const double bottom = socket.bottom() + (again.empty() ? 0 : 30 + again.height()) + 30;
    heading(timeline::Side::receiver, kBesideRoad, top);
    inner_bands(top, bottom);
    const double from = picture_.has_card ? card_box_.bottom() : target_.bottom();
    if (!card_.empty() || !picture_.has_card)
      brush_.arrow({{kRoad, from}, {kRoad, socket.y - 2}}, summary::ArrowStyle::handed_over, 1, false);
    brush_.box(socket, picture_.arrival);
    brush_.box(user, picture_.receiver_user);
    aside(up, socket, user, !picture_.judges_receiver);
    double y = socket.bottom() + 26 + kLineHeight;
    for (size_t i = 0; i < again.arrows.size(); ++i) {
      const auto& arrow = *again.arrows[i];
      brush_.open(arrow.key, arrow.tooltip);
      brush_.arrow({{kRoad + 24, socket.bottom()},
                    {kRoad + 24, socket.bottom() + 22},
                    {kRoad - 24, socket.bottom() + 22},
                    {kRoad - 24, socket.bottom() + 1}},
                   arrow, true);
      brush_.label({kLeft + 10, y}, again.lines[i], Anchor::start);
      brush_.close();
    }
    brush_.svg().text(kBoxX, bottom - 10, fit(picture_.receiver_switches.causes, kBorder - kBoxX - 10, kSmallFont),
                      "dim", kSmallFont);
    return bottom;
  }

  /// One that passes the bytes on: down the road, past user space.
  double receiver_of_file(double top, const Way& in, const Way& out) {
    const Rect socket{kBoxX, top + 30, kBoxWidth, kBoxHeight};
    const Rect pipe{kBoxX + 8, socket.bottom() + room_for(in.height(), 40), kBoxWidth - 16, kBoxHeight};
    const Rect file{kBoxX, pipe.bottom() + room_for(out.height(), 40), kBoxWidth, kBoxHeight};
    const Rect user{kUserX, socket.y, kUserWidth, file.bottom() - socket.y};
    const double bottom = file.bottom() + 30;
    heading(timeline::Side::receiver, kBesideRoad, top);
    inner_bands(top, bottom);
    const double from = picture_.has_card ? card_box_.bottom() : target_.bottom();
    brush_.arrow({{kRoad, from}, {kRoad, socket.y - 2}}, summary::ArrowStyle::handed_over, 1, false);
    brush_.box(socket, picture_.arrival);
    brush_.box(pipe, picture_.receiver_pipe);
    brush_.box(file, picture_.receiver_file);
    brush_.box(user, picture_.receiver_user);
    down(in, End::user_buffer, socket.bottom(), pipe.y, socket.bottom() + 20);
    down(out, End::user_buffer, pipe.bottom(), file.y, pipe.bottom() + 20);
    brush_.svg().text(kBoxX, bottom - 10, fit(picture_.receiver_switches.causes, kBorder - kBoxX - 10, kSmallFont),
                      "dim", kSmallFont);
    return bottom;
  }

  Brush& brush_;
  const summary::Picture& picture_;
  const Language language_;
  Way fill_, drain_, into_pipe_, direct_, across_, to_pipe_, from_pipe_, loop_, stage_, disk_, card_;
  std::vector<std::string> summary_;
  double top_, upper_ = 0, lower_ = 0, end_ = 0, marks_ = 0;
  Rect user_{}, cache_{}, target_{}, pipe_{}, staged_{}, disk_box_{}, card_box_{};
};

}  // namespace

double draw_narrow(Brush& brush, const summary::Picture& picture, Language language, double top) {
  return Narrow(brush, picture, language, top).draw();
}

}  // namespace zctrace::diagram::flow_parts
