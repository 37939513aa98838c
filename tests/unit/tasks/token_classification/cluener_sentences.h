// SPDX-License-Identifier: Apache-2.0
// Twenty Chinese sentences in the style of CLUENER, written and tagged by hand. Each has one tag
// per character that is not white space, and its entities with their offsets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bertune {

// The code points start .. end (exclusive) of the sentence, which spell `text`.
struct HandSpan {
  std::string type;
  std::string text;
  int64_t start;
  int64_t end;
};

// Each tag is O, or one of B, I, S followed by the letter of a type below.
struct HandSentence {
  std::string text;
  std::string tags;
  std::vector<HandSpan> spans;
};

struct HandType {
  char letter;
  std::string name;
};

inline const std::vector<HandType>& hand_types() {
  static const std::vector<HandType> types{
      {'a', "address"},    {'b', "book"},  {'c', "company"}, {'g', "game"},
      {'v', "government"}, {'m', "movie"}, {'n', "name"},    {'o', "organization"},
      {'p', "position"},   {'s', "scene"}};
  return types;
}

inline const std::vector<HandSentence>& hand_sentences() {
  static const std::vector<HandSentence> sentences{
      // An entity at the beginning; full-width punctuation.
      {"张伟昨天到了北京。",
       "Bn In O O O O Ba Ia O",
       {{"name", "张伟", 0, 2}, {"address", "北京", 6, 8}}},
      // An entity at the end.
      {"我在腾讯玩王者荣耀",
       "O O Bc Ic O Bg Ig Ig Ig",
       {{"company", "腾讯", 2, 4}, {"game", "王者荣耀", 5, 9}}},
      // Latin words, with a space inside an entity.
      {"CEO Tim Cook 访问上海",
       "Bp Ip Ip Bn In In In In In In O O Ba Ia",
       {{"position", "CEO", 0, 3}, {"name", "Tim Cook", 4, 12}, {"address", "上海", 15, 17}}},
      // Digits inside and outside an entity.
      {"2021年他在3号楼办公。", "O O O O O O O Ba Ia Ia O O O", {{"address", "3号楼", 7, 10}}},
      // Entities of one character.
      {"王说李来了", "Sn O Sn O O", {{"name", "王", 0, 1}, {"name", "李", 2, 3}}},
      // Adjacent entities of one type.
      {"张三李四都是老师",
       "Bn In Bn In O O Bp Ip",
       {{"name", "张三", 0, 2}, {"name", "李四", 2, 4}, {"position", "老师", 6, 8}}},
      // S- next to S- and B- of its own type.
      {"赵钱孙小明三人",
       "Sn Sn Bn In In O O",
       {{"name", "赵", 0, 1}, {"name", "钱", 1, 2}, {"name", "孙小明", 2, 5}}},
      // S- after an entity of its own type.
      {"李小明王也来", "Bn In In Sn O O", {{"name", "李小明", 0, 3}, {"name", "王", 3, 4}}},
      // A text that is entirely an entity.
      {"《流浪地球》", "Bm Im Im Im Im Im", {{"movie", "《流浪地球》", 0, 6}}},
      // Characters of the supplementary planes, inside and after an entity.
      {"𠮷野家在东京开店😀",
       "Bc Ic Ic O Ba Ia O O O",
       {{"company", "𠮷野家", 0, 3}, {"address", "东京", 4, 6}}},
      // A supplementary character that is an entity, after another entity.
      {"😀网红景点是😀", "O O O O O O Ss", {{"scene", "😀", 6, 7}}},
      // Adjacent entities of different types; a number with a comma before it.
      {"《三体》的作者刘慈欣，1963年生。",
       "Bb Ib Ib Ib O Bp Ip Bn In In O O O O O O O O",
       {{"book", "《三体》", 0, 4}, {"position", "作者", 5, 7}, {"name", "刘慈欣", 7, 10}}},
      // Full-width letters and brackets.
      {"ＡＢＣ公司（上海）有限",
       "Bc Ic Ic Ic Ic O Ba Ia O O O",
       {{"company", "ＡＢＣ公司", 0, 5}, {"address", "上海", 6, 8}}},
      // An ideographic space.
      {"外交部　发言人华春莹",
       "Bv Iv Iv Bp Ip Ip Bn In In",
       {{"government", "外交部", 0, 3}, {"position", "发言人", 4, 7}, {"name", "华春莹", 7, 10}}},
      {"CS GO 是一款游戏", "Bg Ig Ig Ig O O O O O", {{"game", "CS GO", 0, 5}}},
      // Letters and digits next to Chinese characters.
      {"英雄联盟S10总决赛在浦东足球场",
       "Bg Ig Ig Ig O O O O O O O Bs Is Is Is Is",
       {{"game", "英雄联盟", 0, 4}, {"scene", "浦东足球场", 11, 16}}},
      // White space around the text.
      {" \t马云 ", "Bn In", {{"name", "马云", 2, 4}}},
      // Characters that JSON has to escape.
      {"他说：“去\"外滩\"\\吧”", "O O O O O O Bs Is O O O O", {{"scene", "外滩", 6, 8}}},
      // The same text twice.
      {"中国队胜中国队",
       "Bo Io Io O Bo Io Io",
       {{"organization", "中国队", 0, 3}, {"organization", "中国队", 4, 7}}},
      // A character that the tokenizer removes completely (U+200B), with no entity after it.
      {"李\u200b雷今天很好！", "Bn In In O O O O O", {{"name", "李\u200b雷", 0, 3}}},
  };
  return sentences;
}

}  // namespace bertune
