/** Errors that no other code handles, told as toasts with their hints. */

/** @import { Commands } from "./page_commands.js" */

/** @param {{commands: Commands}} deps */
export function reportErrors({ commands }) {
  const report = (error) => {
    if (!error || error.code === "cancelled") return;
    const { message = String(error), hint = "" } = error;
    commands.showToast({ level: "error", message, hint });
  };
  addEventListener("unhandledrejection", (event) => {
    report(event.reason);
    if (event.reason?.name === "ApiError") event.preventDefault();
  });
  addEventListener("error", (event) => report(event.error));
}
