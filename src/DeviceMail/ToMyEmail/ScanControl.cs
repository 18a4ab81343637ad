using DeviceMail.Control;

namespace DeviceMail.ToMyEmail;

internal static class ScanControl
{
    public static void Map(RouteGroupBuilder control) => control.MapPost("/scan", async Task<IResult> (HttpContext context, ScanToMail scans) =>
        await scans.ScanAsync((await context.Request.ReadFromJsonAsync(ToMyEmailJson.Default.ScanWish))!, context.RequestAborted) switch
        {
            ScanToMailOutcome.Taken taken => Results.Json(taken.Mail, ToMyEmailJson.Default.ScannedMail),
            ScanToMailOutcome.Refused refused => ControlAnswers.Refused(refused.Sentence),
            var other => throw new InvalidOperationException($"{other} is no outcome."),
        });
}
