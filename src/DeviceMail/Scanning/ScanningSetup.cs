using DeviceMail.Control;

namespace DeviceMail.Scanning;

public static class ScanningSetup
{
    public static void AddScanning(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ScannerRegister>();
        builder.Services.AddSingleton<ScanDesk>();
        builder.Services.AddSingleton<ScannerDesk>();
    }

    public static void MapScanning(this WebApplication app)
    {
        app.MapScannersPage();
        ScannerControl.Map(app.ControlGroup());
    }
}
