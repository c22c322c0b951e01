// 随 Airflow 的浅色、深色主题；倒计时。没有这段脚本，页面照样能用。
"use strict";

function followTheme() {
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    return; // 浏览器不许读取时，随系统设置
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  } else {
    delete document.documentElement.dataset.theme;
  }
}

function sayLeft(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const words = minutes < 60 ? `${minutes}分钟` : `${Math.floor(minutes / 60)}小时${minutes % 60}分`;
  return milliseconds >= 0 ? `还剩${words}` : `已逾期${words}`;
}

function countDown() {
  for (const place of document.querySelectorAll("[data-due]")) {
    const left = new Date(place.dataset.due) - Date.now();
    place.textContent = sayLeft(left);
    place.classList.toggle("late", left < 0);
  }
}

// Airflow 自己的页面按浏览器的语言和时区显示，没有服务器端的默认值；本人没有选过的，设为中文和北京时间。
function presetAirflow() {
  const wanted = { i18nextLng: "zh-CN", timezone: JSON.stringify("Asia/Shanghai") };
  try {
    for (const [name, value] of Object.entries(wanted)) {
      if (localStorage.getItem(name) === null) {
        localStorage.setItem(name, value);
      }
    }
  } catch {
    // 浏览器不许保存时，由本人在 Airflow 中选择
  }
}

followTheme();
presetAirflow();
window.addEventListener("storage", followTheme);
document.addEventListener("DOMContentLoaded", () => {
  countDown();
  setInterval(countDown, 15000);
});
