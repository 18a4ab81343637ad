using DeviceMail.Control;

namespace DeviceMail.Printing;

public static class PrintingSetup
{
    public static void AddPrinting(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PrinterRegister>();
        builder.Services.AddSingleton<PrintDesk>();
        builder.Services.AddSingleton<StatusSheet>();
    }

    public static void MapPrinting(this WebApplication app)
    {
        app.MapStatusSheet();
        StatusSheetControl.Map(app.ControlGroup());
        PrinterControl.Map(app.ControlGroup());
    }
}
